#include "api/documents/document_routes.h"

#include <algorithm>
#include <charconv>

#include "api/documents/discovery.h"
#include "base/utf8.h"

namespace rogerthat::api {

namespace {

constexpr std::string_view kPage = "text/html; charset=utf-8";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kMarkdown = "text/markdown; charset=utf-8";

std::string_view next_part(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = trim(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

double quality(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = next_part(parameters, ';');
    if (parameter.size() < 3 || lower_ascii(parameter.substr(0, 2)) != "q=") continue;
    double q = 0;
    std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), q);
    return q;
  }
  return 1;
}

// The weight of a media type that is named itself; wildcards name nothing. Below 0: not named.
double named_quality(std::string_view accept, std::string_view type) {
  while (!accept.empty()) {
    std::string_view range = next_part(accept, ',');
    const std::string_view name = next_part(range, ';');
    if (equal_ignoring_case(name, type)) return quality(range);
  }
  return -1;
}

net::Response make(std::string_view content_type, std::string body) {
  net::Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

net::Response home(const View& view, std::string_view accept) {
  net::Response response =
      prefers_json(accept) ? make(net::kJson, info_json(view)) : make(kPage, home_page(view));
  response.headers.emplace_back("Link", "</llms.txt>; rel=\"alternate\"; type=\"text/markdown\"");
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

net::Response to_guide(const View& view) {
  net::Response response = make(kText, "The guide is at /llms.txt.\n");
  response.status = 302;
  response.headers.emplace_back("Location", view.origin + "/llms.txt");
  return response;
}

}  // namespace

bool prefers_json(std::string_view accept) {
  const double json = named_quality(accept, "application/json");
  return json > 0 && json > named_quality(accept, "text/html");
}

bool wants_page(std::string_view accept) {
  return named_quality(accept, "text/html") > 0 && !prefers_json(accept);
}

void document(Call& call) {
  const View view = call.view();
  switch (call.match.route->id) {
    case RouteId::home:
      return call.answer.respond(home(view, call.headers.accept));
    case RouteId::llms_txt:
      return call.answer.respond(make(kMarkdown, llms_txt(view)));
    case RouteId::info:
      return call.answer.respond(make(net::kJson, info_json(view)));
    case RouteId::mcp_descriptor:
      return call.answer.respond(make(net::kJson, mcp_descriptor_json(view)));
    case RouteId::agent_card:
      return call.answer.respond(make(net::kJson, agent_card_json(view)));
    case RouteId::policy:
      return call.answer.respond(make(kPage, policy_page(view)));
    case RouteId::policy_text:
      return call.answer.respond(make(kText, policy_text(view)));
    case RouteId::robots:
      return call.answer.respond(make(kText, robots_txt(view)));
    case RouteId::docs:
      return call.answer.respond(to_guide(view));
    case RouteId::openapi:
      return call.answer.respond(make(net::kJson, openapi_json(view)));
    default:
      break;
  }
}

}  // namespace rogerthat::api
