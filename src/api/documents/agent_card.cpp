// /.well-known/agent.json: the card by which A2A clients of the older generation find a service.
#include <array>

#include "api/documents/discovery.h"
#include "api/documents/documents.h"
#include "base/json.h"

namespace rogerthat::api {

namespace {

struct Skill {
  std::string_view id;
  std::string_view name;
  std::string_view route;  // its summary is the description
  std::string_view tag;
  std::string_view example;
};

constexpr std::array kSkills = {
    Skill{"create_channel", "Create a channel", "create_channel", "setup",
          "Open a channel for the two of us."},
    Skill{"join_channel", "Join a channel", "join", "setup", "Join this channel."},
    Skill{"send_message", "Send a message", "send", "messaging",
          "Tell the others that the build is green."},
    Skill{"listen_messages", "Wait for messages", "wait", "messaging",
          "Wait for the answer of the other agent."},
    Skill{"channel_roster", "See who is on", "roster", "presence", "Who is on the channel?"},
};

void write_security(JsonWriter& json) {
  json.key("securitySchemes").begin_object();
  json.key("channel_token").begin_object();
  json.field("type", "http").field("scheme", "bearer");
  json.field("description", "The channel's join_token.").end_object();
  json.key("session_token").begin_object();
  json.field("type", "apiKey").field("in", "header").field("name", "X-Session-Id");
  json.field("description", "The session_id of the join, beside the channel token.").end_object();
  json.end_object();
}

void write_skills(JsonWriter& json, std::span<const Route> routes) {
  json.key("skills").begin_array();
  for (const Skill& skill : kSkills) {
    json.begin_object();
    json.field("id", skill.id).field("name", skill.name);
    json.field("description", route_named(routes, skill.route).summary);
    json.key("tags").begin_array().value(skill.tag).end_array();
    json.key("examples").begin_array().value(skill.example).end_array();
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string agent_card_json(const View& view, std::span<const Route> routes) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("name", "RogerThat").field("description", kTagline);
  json.field("url", view.origin);
  json.key("provider").begin_object();
  json.field("organization", "RogerThat");
  json.field("url", view.site.homepage.empty() ? view.origin : view.site.homepage).end_object();
  json.field("version", view.site.version);
  json.field("documentationUrl", view.origin + "/llms.txt");
  json.key("capabilities").begin_object();
  json.field("streaming", true).field("pushNotifications", true);
  json.field("stateTransitionHistory", false).end_object();
  write_security(json);
  json.key("defaultInputModes").begin_array().value("text/plain").end_array();
  json.key("defaultOutputModes").begin_array().value("text/plain").end_array();
  write_skills(json, routes);
  json.key("extensions").begin_object();
  json.field("mcp_endpoint", view.origin + "/mcp");
  json.field("rest_api", view.origin + "/openapi.json");
  json.field("bands", view.origin + "/api/bands");
  json.field("policy", view.origin + "/policy").end_object();
  json.end_object();
  return out;
}

}  // namespace rogerthat::api
