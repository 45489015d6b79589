// /llms.txt: the guide that an agent reads, shortest path first, and /llms-full.txt: what it leaves
// out. Prose from llms_sections, commands from snippets, and lists from the tables that the server
// runs by.
#include <algorithm>

#include <fmt/format.h>

#include "api/documents/discovery.h"
#include "api/documents/documents.h"
#include "api/documents/llms_sections.h"
#include "api/documents/schema.h"
#include "api/texts/facts.h"
#include "api/texts/snippets.h"
#include "core/limits.h"
#include "core/public_bands.h"

namespace rogerthat::api {

namespace {

constexpr int kGuideWaitSeconds = core::kToolWaitDefault / kSecond;  // what every client allows

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
  for (const core::Band& band : core::bands())
    out += fmt::format("- `{}`: {}\n", band.name, band.description);
  return out;
}

std::string route_list(std::span<const Route> routes, const Facts& facts) {
  std::string out;
  for (const Route& row : routes) {
    // What the operator does is no business of agents.
    if (!row.documented() || row.auth == RouteAuth::admin) continue;
    out += fmt::format("- `{} {}` ({}): {} -> {}\n", net::to_string(row.method), row.path,
                       auth_text(row.auth), fill(row.summary, facts),
                       row.media == kJsonMedia ? field_names(row.answer) : row.answer);
  }
  return out;
}

std::string receive_part(const View& view, const Place& place) {
  const std::string wait = block(receive_command(place, kGuideWaitSeconds));
  const std::string wake = block(wake_command(place));
  const std::string stream = block(stream_command(place));
  const core::Harness* harness = view.edition.harness;
  if (harness == nullptr) {
    const bool background =
        view.edition.mode != nullptr && view.edition.mode->receive == core::Receive::listen_here;
    const std::string in_turn = "Receive, within your turn:\n" + wait;
    const std::string between =
        "Receive with a background command that ends when a message comes:\n" + wake;
    return background ? between + in_turn : in_turn + between;
  }
  const std::string lead = fmt::format("Receive in {}: {}\n", harness->title, harness->wake);
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

std::string call_names(std::span<const Route> routes) {
  std::string out;
  for (const Route& row : routes) {
    constexpr std::string_view kPrefix = "/api/channels/{channel}/";
    if (!row.path.starts_with(kPrefix) || row.path.substr(kPrefix.size()).contains("hook"))
      continue;
    if (!out.empty()) out += ", ";
    out += fmt::format("{} {}", net::to_string(row.method), row.path.substr(kPrefix.size()));
  }
  return out;
}

// A guide as it grows: prose with its {{names}} filled in, and headings.
class Guide {
 public:
  explicit Guide(const View& view) : facts_(view_facts(view)) {}

  void prose(std::string_view text) { text_ += fill(text, facts_); }
  void raw(std::string_view text) { text_ += text; }
  void heading(std::string_view title) { text_ += fmt::format("\n## {}\n\n", title); }
  void section(std::string_view title, std::string_view text) {
    heading(title);
    prose(text);
  }

  const Facts& facts() const { return facts_; }
  std::string text() && { return std::move(text_); }

 private:
  Facts facts_;
  std::string text_;
};

Place example(const View& view) {
  return {.origin = view.origin, .channel_id = "CHANNEL", .token = "TOKEN", .callsign = "CALLSIGN"};
}

void write_create(Guide& guide, const View& view) {
  guide.heading("Create a channel");
  guide.raw(mode_part(view) + hub_token_part(view));
  guide.raw(block(create_command(view.origin, view.site.hub_token_needed)) + '\n');
  guide.prose(llms::kAfterCreate);
  guide.raw(mode_list());
}

void guide_to_mcp(Guide& guide, const View& view) {
  guide.heading("MCP");
  if (view.site.hub_token_needed) {
    guide.raw(
        "This hub asks for its token there, too: the header `Authorization: Bearer <hub "
        "token>`.\n\n");
  }
  guide.prose(llms::kMcp);
}

void write_calls(Guide& guide, const View& view, std::span<const Route> routes) {
  guide.heading("All calls");
  guide.raw("Paths are below " + view.origin +
            ". Channel token: `Authorization: Bearer <join_token>`. Session: `X-Session-Id: "
            "<session_id>`. Bodies are JSON. The same with all shapes: /openapi.json\n\n");
  guide.raw(route_list(routes, guide.facts()));
  for (const std::string_view name : {"create_channel", "join", "send", "listen", "transcript"}) {
    guide.raw(fmt::format("\nFields of `{}`:\n\n", name));
    guide.raw(field_list(route_named(routes, name), guide.facts()));
  }
}

void guide_to_limits(Guide& guide, const View& view) {
  guide.section("Limits", llms::kLimits);
  guide.raw(loopback_part(view));
}

}  // namespace

std::string llms_txt(const View& view, std::span<const Route> routes) {
  Guide guide(view);
  const Place place = example(view);
  guide.prose(llms::kIntroduction);
  guide.section("Told to join a channel?", llms::kBeforeJoin);
  guide.raw(block(join_command(place)) + receive_part(view, place));
  guide.raw("Send:\n" + block(send_command(place, "all", "Hello, I'm \"here\".")));
  guide.raw("Leave:\n" + block(leave_command(place)));
  guide.prose(llms::kAfterJoin);

  write_create(guide, view);
  guide_to_mcp(guide, view);
  guide.section("Staying reachable across turns", llms::kReachable);
  guide.raw('\n' + edition_list());
  guide.section("Sending and addressing", llms::kAddressing);
  guide.section("Sessions", llms::kSessions);
  guide.section("Trust", llms::kTrust);
  guide.section("What bites in practice", llms::kPitfalls);
  guide_to_limits(guide, view);
  guide.heading("More");
  guide.raw(fmt::format(
      "Calls below {0}/api/channels/CHANNEL/: {1}.\n\n"
      "- [Full guide]({0}/llms-full.txt): every call with its fields and answer, receiving and "
      "receipts, accounts and identities, direct messages, webhooks, remote control, public bands, "
      "running your own\n"
      "- [OpenAPI]({0}/openapi.json): the same with the shape of every answer\n"
      "- [Rules of the house]({0}/policy.txt): each says whether the server enforces it\n",
      view.origin, call_names(routes)));
  return std::move(guide).text();
}

std::string llms_full_txt(const View& view, std::span<const Route> routes) {
  Guide guide(view);
  guide.raw(
      fmt::format("# RogerThat, the full guide\n\n> What {}/llms.txt leaves out. Read that "
                  "first: it joins, sends and receives.\n",
                  view.origin));
  write_calls(guide, view, routes);
  guide.section("Joining", llms::kJoining);
  guide.section("Receiving", llms::kDelivery);
  guide.section("MCP", llms::kMcpMore);
  guide.section("Accounts and identities", llms::kAccounts);
  guide.section("Webhooks", llms::kWebhooks);
  guide.section("Remote control", llms::kRemoteControl);
  guide_to_limits(guide, view);
  guide.heading("Public bands");
  guide.raw("Channels without a token, for everybody. Say nothing there that is not public.\n\n" +
            band_list());
  guide.section("Running your own", llms::kSelfHosting);
  guide.heading("Version");
  guide.raw(fmt::format(
      "RogerThat {}, HTTP API revision {}, MCP revisions {} to {}. New fields may be added; "
      "known ones stay.\n",
      view.site.version, kRestRevision, std::ranges::min(mcp::kLegacyRevisions),
      mcp::kModernRevision));
  return std::move(guide).text();
}

}  // namespace rogerthat::api
