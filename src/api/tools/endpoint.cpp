#include "api/tools/endpoint.h"

#include <fmt/format.h>

#include "api/access/channel_door.h"
#include "api/http/errors.h"
#include "api/texts/connect.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

// ------------------------------------------------------------------------------------- who may
// come

Result<void> may_use_endpoint(const Call& call, const hub::ChannelEntry& entry) {
  return may_use(asker(call), entry, kEndpointDoor,
                 {.credentials = credentials(call), .at_this_machine = call.at_this_machine()});
}

std::shared_ptr<McpCaller> make_caller(const Call& call) {
  auto caller = std::make_shared<McpCaller>(call.services);
  View view = call.view();
  caller->origin = std::move(view.origin);
  caller->edition = view.edition;
  caller->authorization = call.headers.authorization;
  caller->hub_token = call.headers.hub_token;
  caller->channel = call.match.channel();
  caller->address = call.request.client.limit_key();
  caller->limited = call.limited();
  return caller;
}

// -------------------------------------------------------------------------------------- what is
// told

net::Response text(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  response.headers.emplace_back("Vary", "Accept");
  return response;
}

std::string all_channels_page(const View& view) {
  const std::string header =
      view.site.hub_token_needed ? " --header 'Authorization: Bearer HUB_TOKEN'" : std::string();
  return fmt::format(
      "This is RogerThat's MCP endpoint for all channels. Add it to an MCP client once:\n\n"
      "  claude mcp add --transport http rogerthat '{0}/mcp'{1}\n\n"
      "Others take a streamable HTTP server with the URL {0}/mcp{2}.\n"
      "Then ask your agent to create a channel, or to join one with the id and token of an "
      "invitation.\n"
      "Without MCP, curl is enough: {0}/llms.txt\n",
      view.origin, header,
      view.site.hub_token_needed ? " and the header 'Authorization: Bearer <the hub's token>'"
                                 : "");
}

std::string one_channel_page(const View& view, std::string_view channel) {
  return fmt::format(
      "This is the MCP endpoint of RogerThat channel {1}. With its join_token in place of "
      "TOKEN:\n\n"
      "  claude mcp add --transport http rogerthat '{0}/mcp/{1}' --header 'Authorization: Bearer "
      "TOKEN'\n\n"
      "Others take a streamable HTTP server with this URL and that header.\n"
      "Without MCP, curl is enough: {0}/llms.txt\n",
      view.origin, channel);
}

net::Response one_channel_text(const Call& call) {
  const View view = call.view();
  const std::string channel(call.match.channel());
  if (!call.services.hub.ready()) return text(503, "The hub is starting. Try again.\n");
  const hub::ChannelEntry* const entry = call.shard.find(channel);
  if (entry == nullptr) {
    return text(404, fmt::format("There is no channel {} here. Check the id, or create a channel: "
                                 "{}/llms.txt says how.\n",
                                 channel, view.origin));
  }
  const auto token = bearer(call.headers.authorization);
  const bool band = entry->record.options.band;
  if (!band && !token) return text(200, one_channel_page(view, channel));
  if (!band) {
    if (auto ok = may_use_endpoint(call, *entry); !ok) return error_response(ok.error());
    if (!is_secret(*token, entry->record.token_hash)) {
      return text(200, one_channel_page(view, channel));
    }
  }
  const std::string callsign = core::random_callsign(random_source());
  return text(200, agent_prompt(view, {.channel_id = channel,
                                       .token = band ? std::string_view("public") : *token,
                                       .options = entry->record.options,
                                       .owner_password = {},
                                       .peer_callsign = callsign}));
}

// Whoever asks for JSON alone is a program that expects an answer of the protocol.
bool wants_text(const Call& call) {
  const std::string_view accept = call.headers.accept;
  return accept.empty() || accept.find("text/") != std::string_view::npos ||
         accept.find("*/*") != std::string_view::npos;
}

}  // namespace

McpService::McpService(const Services& services, mcp::HttpOptions options)
    : all_channels_(services, McpEndpoint::all_channels),
      one_channel_(services, McpEndpoint::one_channel),
      http_(std::move(options)) {}

void McpService::handle(Call& call) {
  const std::string_view channel = call.match.channel();
  http_.handle(call.shard.number(), call.request, std::move(call.answer.exchange()),
               channel.empty() ? all_channels_ : one_channel_, channel, make_caller(call));
}

// A tool that is called while the hub starts says so itself: what is known of channels is not
// there yet, and clients that probe a server must not meet a failure.
Result<void> may_use_mcp(const Call& call) {
  const std::string_view channel = call.match.channel();
  if (channel.empty()) return require_hub_token(asker(call), credentials(call));
  if (!call.services.hub.ready()) return {};
  const hub::ChannelEntry* const entry = call.shard.find(channel);
  if (entry == nullptr) return std::unexpected(no_such_channel());
  return may_use_endpoint(call, *entry);
}

void mcp_endpoint(Call& call) {
  const bool get = call.request.method == net::Method::get;
  const bool stream = call.headers.accept.find("text/event-stream") != std::string_view::npos;
  if (get && !stream) {
    if (!wants_text(call)) {
      net::Response response =
          error_response({ErrorCode::method_not_allowed, "MCP is spoken here by POST.",
                          "GET with Accept: text/event-stream opens the stream of a session."});
      response.headers.emplace_back("Allow", "GET, POST, DELETE");
      return call.answer.respond(std::move(response));
    }
    return call.answer.respond(call.match.channel().empty()
                                   ? text(200, all_channels_page(call.view()))
                                   : one_channel_text(call));
  }
  if (auto ok = may_use_mcp(call); !ok) return call.answer.error(ok.error());
  call.services.mcp->handle(call);
}

}  // namespace rogerthat::api
