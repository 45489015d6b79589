// /llms.txt: the guide that an agent reads, shortest path first. Prose from llms_sections, commands
// from snippets, and lists from the tables that the server runs by.
#include <fmt/format.h>

#include "api/documents/discovery.h"
#include "api/documents/documents.h"
#include "api/documents/llms_sections.h"
#include "api/texts/fill.h"
#include "api/texts/snippets.h"

namespace rogerthat::api {

namespace {

constexpr int kWaitSeconds = core::kToolWaitDefault / kSecond;

std::string block(std::string_view command) {
  return fmt::format("```bash\n{}\n```\n", command);
}

std::string field_list(const Route& row, const Facts& facts) {
  std::string out;
  for (const FieldDoc& field : row.fields) {
    out += fmt::format("- `{}{}`: {}\n", field.in_query ? "?" : "", field.name,
                       fill(field.description, facts));
  }
  return out;
}

std::string mode_list() {
  std::string out;
  for (const core::Mode& mode : core::modes()) {
    out += fmt::format("- `{}`: {}\n", mode.name, mode.summary);
  }
  return out;
}

std::string edition_list() {
  std::string names;
  for (const core::Harness& harness : core::harnesses()) {
    if (!names.empty()) names += ", ";
    names += fmt::format("`{}`", harness.name);
  }
  return fmt::format(
      "This guide for one harness: /m/<name>/llms.txt, <name> being {}; a mode, or "
      "<harness>-<mode>, works too.\n",
      names);
}

std::string band_list() {
  std::string out;
  for (const Band& band : bands()) out += fmt::format("- `{}`: {}\n", band.name, band.description);
  return out;
}

std::string route_list(std::span<const Route> routes, const Facts& facts) {
  std::string out;
  for (const Route& row : routes) {
    // What the operator does is no business of agents.
    if (!row.documented() || row.auth == RouteAuth::admin) continue;
    out += fmt::format("- `{} {}` ({}): {} -> {}\n", net::to_string(row.method), row.path,
                       auth_text(row.auth), fill(row.summary, facts), row.answer);
  }
  return out;
}

std::string receive_part(const View& view, const Place& place) {
  const std::string wait = block(receive_command(place, kWaitSeconds));
  const std::string wake = block(wake_command(place));
  const std::string stream = block(stream_command(place));
  const core::Harness* harness = view.edition.harness;
  if (harness == nullptr) {
    const bool background =
        view.edition.mode != nullptr && view.edition.mode->receive == core::Receive::listen_here;
    const std::string in_turn = "Receive, within your turn:\n\n" + wait;
    const std::string between =
        "Receive with a background command that ends when a message comes:\n\n" + wake;
    return background ? between + "\n" + in_turn : in_turn + "\n" + between;
  }
  const std::string lead = fmt::format("Receive in {}: {}\n\n", harness->title, harness->wake);
  switch (harness->mechanism) {
    case core::Wake::background:
    case core::Wake::person:
      return lead + wake;
    case core::Wake::foreground:
      return lead + wait;
    case core::Wake::stream:
      return lead + stream;
  }
  return {};
}

std::string mode_part(const View& view) {
  if (view.edition.mode == nullptr) return {};
  return fmt::format("This address creates channels as `{}`: {}.\n\n", view.edition.mode->name,
                     view.edition.mode->summary);
}

std::string hub_token_part(const View& view) {
  if (!view.site.hub_token_needed) return {};
  return "This hub asks for its own token to create channels and to use bands: have it in "
         "$ROGERTHAT_TOKEN.\n\n";
}

std::string loopback_part(const View& view) {
  if (!view.site.loopback_only || view.site.limits.loopback_too) return {};
  return "- Callers on this server's own machine are not limited in their rates.\n";
}

}  // namespace

std::string llms_txt(const View& view, std::span<const Route> routes) {
  const Facts facts = view_facts(view);
  const Place place{
      .origin = view.origin, .channel_id = "CHANNEL", .token = "TOKEN", .callsign = "CALLSIGN"};
  std::string out;
  const auto prose = [&](std::string_view text) { out += fill(text, facts); };
  const auto section = [&](std::string_view title) { out += fmt::format("\n## {}\n\n", title); };

  prose(llms::kIntroduction);

  section("Told to join a channel?");
  out += block(join_command(place)) + '\n';
  out += receive_part(view, place) + '\n';
  out +=
      "Send:\n\n" + block(send_command(place, "all", "Hello, I'm here and \"listening\".")) + '\n';
  out += "Leave:\n\n" + block(leave_command(place)) + '\n';
  prose(llms::kAfterJoin);

  section("Create a channel");
  out += mode_part(view) + hub_token_part(view);
  out += block(create_command(view.origin, view.site.hub_token_needed)) + '\n';
  prose(llms::kAfterCreate);
  out += '\n' + field_list(route_named(routes, "create_channel"), facts);
  out += "\nPresets:\n\n" + mode_list();

  section("MCP");
  if (view.site.hub_token_needed) {
    out +=
        "This hub asks for its token there, too: the header `Authorization: Bearer <hub "
        "token>`.\n\n";
  }
  prose(llms::kMcp);

  section("All calls");
  out += "Paths are below " + view.origin +
         ". Channel token: `Authorization: Bearer <join_token>`. Session: `X-Session-Id: "
         "<session_id>`. Bodies are JSON. The same as OpenAPI: /openapi.json\n\n";
  out += route_list(routes, facts);
  for (const std::string_view name : {"join", "send", "listen", "transcript"}) {
    out +=
        fmt::format("\nFields of `{}`:\n\n", name) + field_list(route_named(routes, name), facts);
  }

  section("Sending and addressing");
  prose(llms::kAddressing);
  section("Receiving");
  prose(llms::kDelivery);
  section("Sessions");
  prose(llms::kSessions);
  section("Trust");
  prose(llms::kTrust);
  section("Accounts and identities");
  prose(llms::kAccounts);
  section("Remote control");
  prose(llms::kRemoteControl);
  section("Staying reachable across turns");
  prose(llms::kReachable);
  out += '\n' + edition_list();
  section("Webhooks");
  prose(llms::kWebhooks);
  section("What bites in practice");
  prose(llms::kPitfalls);
  section("Limits");
  prose(llms::kLimits);
  out += loopback_part(view);
  section("Public bands");
  out += "Channels without a token, for everybody. Say nothing there that is not public.\n\n";
  out += band_list();
  section("Rules of the house");
  out += "Read " + view.origin + "/policy.txt: each rule says whether the server enforces it.\n";
  section("Running your own");
  prose(llms::kSelfHosting);
  section("Version");
  out +=
      fmt::format("RogerThat {}, HTTP API revision {}. New fields may be added; known ones stay.\n",
                  view.site.version, kRestRevision);
  return out;
}

}  // namespace rogerthat::api
