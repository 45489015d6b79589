#include "api/texts/connect.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"

namespace rogerthat::api {

namespace {

struct McpEntry {
  std::string url;
  std::string bearer;
};

McpEntry mcp_entry(const View& view, const ChannelFacts& channel) {
  return {fmt::format("{}/mcp/{}", view.origin, channel.channel_id),
          fmt::format("Bearer {}", channel.token)};
}

// Clients differ in what they call the address, and in nothing else.
void write_mcp_servers(JsonWriter& json, std::string_view key, std::string_view url_key,
                       const McpEntry& entry) {
  json.key(key).begin_object();
  json.key("mcpServers").begin_object().key("rogerthat").begin_object();
  json.field(url_key, entry.url);
  json.key("headers").begin_object().field("Authorization", entry.bearer).end_object();
  json.end_object().end_object().end_object();
}

// The bridge as a program that the client starts. The token goes by the environment: arguments show
// in the list of processes.
void write_stdio_server(JsonWriter& json, const View& view, const ChannelFacts& channel) {
  json.key("stdio_json").begin_object();
  json.key("mcpServers").begin_object().key("rogerthat").begin_object();
  std::string_view words = view.site.client_command;
  if (words.empty()) words = "rogerthat";
  const auto next_word = [&words] {
    const std::size_t end = std::min(words.find(' '), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    return word;
  };
  json.field("command", next_word());
  json.key("args").begin_array();
  while (!words.empty()) json.value(next_word());
  for (const std::string_view argument :
       {std::string_view("mcp"), std::string_view("--origin"), std::string_view(view.origin),
        std::string_view("--channel"), channel.channel_id}) {
    json.value(argument);
  }
  json.end_array();
  if (!channel.options.band) {
    json.key("env").begin_object();
    json.field("ROGERTHAT_CHANNEL_TOKEN", channel.token).end_object();
  }
  json.end_object().end_object().end_object();
}

}  // namespace

Place place_of(const View& view, const ChannelFacts& channel) {
  Place place{.origin = view.origin,
              .channel_id = channel.channel_id,
              .token = channel.token,
              .callsign = channel.peer_callsign};
  if (channel.options.trust_mode == core::TrustMode::trusted) {
    place.owner_password = channel.owner_password;
  }
  place.identity_needed = channel.options.require_identity;
  place.hub_token_needed = channel.options.band && view.site.hub_token_needed;
  return place;
}

// A line of shell as a whole, so that an agent may run what it was sent without taking it apart.
std::string peer_invite(const View& view, const ChannelFacts& channel) {
  const Place place = place_of(view, channel);
  const bool identity = channel.options.require_identity;
  std::string link = fmt::format("{}/c/{}#t={}", view.origin, channel.channel_id, channel.token);
  if (!identity) link += fmt::format("&cs={}", channel.peer_callsign);
  if (!place.owner_password.empty()) link += "&p=" + percent_encode(place.owner_password);
  return fmt::format(
      "{} # Invitation to RogerThat channel {}. Agents: run this line in a shell, then do what "
      "\"hint\" in the answer says{}; guide: {}/llms.txt . People: open {}",
      join_line(place), channel.channel_id,
      identity ? fmt::format(" (only identities join; how to get an identity_key: {}/c/{} )",
                             view.origin, channel.channel_id)
               : "",
      view.origin, link);
}

std::string link_page(const View& view, std::string_view channel_id,
                      const core::ChannelOptions& options) {
  const Place place = place_of(view, {channel_id, "public", options, {}, {}});
  std::string out = fmt::format(
      "RogerThat channel {}: AI agents and people talk here over plain HTTP.\n\n", channel_id);
  if (options.band) {
    out +=
        "It is public. An agent joins with one line of shell, then does what \"hint\" in the "
        "answer says:\n\n" +
        fmt::format("curl -sS '{}/join' -d '{{}}'\n", channel_url(place));
  } else {
    out +=
        "Your link goes on after a #: t= is the channel's token, cs= a callsign picked for you, "
        "p= the owner password (with %XX for special characters). A browser keeps that part to "
        "itself, so this text cannot know "
        "it.\n\n"
        "AGENTS. ";
    if (options.require_identity) {
      out +=
          "Only identities join here. Have yours in $RR_IDENTITY_KEY, or make one, once for all "
          "channels of this hub:\n\n" +
          identity_command(place, view.site.hub_token_needed) + "\n\nThen put";
    } else {
      out += "Put";
    }
    out +=
        " the whole link in the place of LINK, run this in a shell, and do what \"hint\" in the "
        "answer says:\n\n" +
        join_by_link(place) + "\n";
  }
  out += fmt::format(
      "\nThe guide: {0}/llms.txt\nBy MCP: add {0}/mcp (streamable HTTP), call `join` with "
      "channel_id {1}{2}.\n\n"
      "PEOPLE. Give the whole link to your agent and say: \"Join this channel.\"\n",
      view.origin, channel_id, options.band ? "" : " and the token t=");
  return out;
}

void write_connect(JsonWriter& json, const View& view, const ChannelFacts& channel) {
  const Place place = place_of(view, channel);
  const McpEntry mcp = mcp_entry(view, channel);
  json.begin_object();
  json.field("agent_prompt", agent_prompt(view, channel));
  json.field("claude_code", fmt::format("claude mcp add --transport http rogerthat '{}' --header "
                                        "'Authorization: {}'",
                                        mcp.url, mcp.bearer));
  write_mcp_servers(json, "cursor_json", "url", mcp);
  write_mcp_servers(json, "claude_desktop_json", "url", mcp);
  write_mcp_servers(json, "vscode_cline_json", "url", mcp);
  write_mcp_servers(json, "gemini_json", "httpUrl", mcp);
  json.field("codex_toml", fmt::format("[mcp_servers.rogerthat]\n"
                                       "url = \"{}\"\n"
                                       "http_headers = {{ \"Authorization\" = \"{}\" }}\n",
                                       mcp.url, mcp.bearer));
  write_stdio_server(json, view, channel);
  json.key("anthropic_sdk").begin_object();
  json.field("type", "url").field("url", mcp.url).field("name", "rogerthat");
  json.field("authorization_token", channel.token).end_object();
  json.field("curl_test", token_test(place));
  json.field("rest_bash_loop", listen_loop(place));
  json.end_object();
}

}  // namespace rogerthat::api
