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

net::Response document_answer(std::string_view content_type, std::string body) {
  net::Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

net::Response home(const Call& call) {
  const View view = call.view();
  net::Response response = prefers_json(call.headers.accept)
                               ? document_answer(net::kJson, info_json(view, call.services.routes))
                               : document_answer(kPage, home_page(view));
  response.headers.emplace_back("Link", "</llms.txt>; rel=\"alternate\"; type=\"text/markdown\"");
  response.headers.emplace_back("Vary", "Accept");
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

void serve_home(Call& call) {
  call.answer.respond(home(call));
}

void serve_llms_txt(Call& call) {
  call.answer.respond(document_answer(kMarkdown, llms_txt(call.view(), call.services.routes)));
}

void serve_llms_full_txt(Call& call) {
  call.answer.respond(document_answer(kMarkdown, llms_full_txt(call.view(), call.services.routes)));
}

void serve_info(Call& call) {
  call.answer.respond(document_answer(net::kJson, info_json(call.view(), call.services.routes)));
}

void serve_mcp_descriptor(Call& call) {
  call.answer.respond(
      document_answer(net::kJson, mcp_descriptor_json(call.view(), call.services.routes)));
}

void serve_agent_card(Call& call) {
  call.answer.respond(
      document_answer(net::kJson, agent_card_json(call.view(), call.services.routes)));
}

void serve_openapi(Call& call) {
  call.answer.respond(document_answer(net::kJson, openapi_json(call.view(), call.services.routes)));
}

void serve_policy(Call& call) {
  call.answer.respond(document_answer(kPage, policy_page(call.view())));
}

void serve_policy_text(Call& call) {
  call.answer.respond(document_answer(kText, policy_text(call.view())));
}

void serve_robots(Call& call) {
  call.answer.respond(document_answer(kText, robots_txt(call.view())));
}

void redirect_to_guide(Call& call) {
  net::Response response = document_answer(kText, "The guide is at /llms.txt.\n");
  response.status = 302;
  response.headers.emplace_back("Location", call.view().origin + "/llms.txt");
  call.answer.respond(std::move(response));
}

}  // namespace rogerthat::api
