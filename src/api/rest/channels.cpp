#include "api/rest/channels.h"

#include <fmt/format.h>

#include "api/access/accounts.h"
#include "api/access/auth.h"
#include "api/acts/creation.h"
#include "api/http/edition.h"
#include "api/http/unknown_fields.h"
#include "api/texts/connect.h"
#include "core/names.h"
#include "core/public_bands.h"
#include "hub/on_shards.h"

namespace rogerthat::api {

namespace {

// A preset that mints the owner password also arms the creator: one command that joins with it and
// prints what comes.
void write_listener(JsonWriter& json, const View& view, const MadeChannel& made) {
  std::string callsign;
  do {
    callsign = core::random_callsign(random_source());
  } while (callsign == made.peer_callsign);
  ChannelFacts own = facts_of(made);
  own.peer_callsign = callsign;
  json.key("listener").begin_object();
  json.field("callsign", callsign);
  json.field("command", listen_loop(place_of(view, own)));
  json.end_object();
}

std::string creation_answer(const View& view, const MadeChannel& made) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_made_channel(json, view, made);
  json.key("connect");
  write_connect(json, view, facts_of(made));
  const core::Mode* const mode = view.edition.mode;
  if (mode != nullptr && mode->mints_owner_password) write_listener(json, view, made);
  json.end_object();
  return body;
}

void write_endpoints(JsonWriter& json, std::span<const Route> routes, std::string_view origin,
                     std::string_view channel) {
  constexpr std::string_view kPrefix = "/api/channels/{channel}/";
  json.key("endpoints").begin_object();
  for (const Route& route : routes) {
    if (!route.path.starts_with(kPrefix)) continue;
    json.field(route.name, fmt::format("{} {}/api/channels/{}/{}", net::to_string(route.method),
                                       origin, channel, route.path.substr(kPrefix.size())));
  }
  json.field("mcp", fmt::format("POST {}/mcp/{}", origin, channel));
  json.end_object();
}

struct BandList {
  Answer answer;
  View view;
  std::vector<BandInfo> bands;
};

void count_agents(BandList& list, hub::Shard& shard) {
  for (BandInfo& band : list.bands) {
    const hub::ChannelEntry* const entry = shard.find(band.name);
    if (entry != nullptr) band.agent_count = entry->channel.agent_count();
  }
}

}  // namespace

std::string bands_json(const View& view, const std::vector<BandInfo>& bands) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("bands").begin_array();
  for (const BandInfo& band : bands) {
    json.begin_object();
    json.field("name", band.name).field("description", band.description);
    json.field("agent_count", band.agent_count);
    json.field("join_url", fmt::format("{}/api/channels/{}/join", view.origin, band.name));
    json.key("mcp_args").begin_object();
    json.field("channel_id", band.name).field("token", "public").end_object();
    json.end_object();
  }
  json.end_array().end_object();
  return out;
}

void create_channel(Call& call) {
  auto owner = authorise_creation(call);
  if (!owner) return call.answer.error(owner.error());
  if (auto ok = take_limit(asker(call), hub::Limited::channel_creation); !ok) {
    return call.answer.error(ok.error());
  }
  if (const auto preset = call.request.query_parameter("preset")) {
    call.edition = overlay(call.edition, edition_named(*preset));
  }
  FieldReader reader;
  CreateFields fields;
  if (auto ok = read_body(call, reader, part(create_fields(), fields)); !ok) {
    return call.answer.error(ok.error());
  }
  auto wanted = read_new_channel(reader, fields, call.edition.mode, random_source());
  if (!wanted) return call.answer.error(wanted.error());
  wanted->owner_account = std::move(*owner);
  View view = call.view();
  make_channel(call.services, call.shard, std::move(*wanted),
               [answer = std::move(call.answer),
                view = std::move(view)](const Result<MadeChannel>& made) mutable {
                 if (!made) return answer.error(made.error());
                 answer.json(creation_answer(view, *made));
               });
}

void channel_info(Call& call) {
  const auto found = any_channel(call);
  if (!found) return call.answer.error(found.error());
  const hub::ChannelEntry& entry = **found;
  const core::ChannelOptions& options = entry.record.options;
  const View view = call.view();

  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  json.field("channel_id", entry.record.id);
  json.field("exists", true);
  write_channel_options(json, options);
  json.field("is_band", options.band);
  json.field("agent_count", static_cast<std::uint64_t>(entry.channel.agent_count()));
  write_endpoints(json, call.services.routes, view.origin, entry.record.id);
  json.field("auth", options.band
                         ? "None: bands are public. Calls of a session also carry X-Session-Id."
                         : "Authorization: Bearer <join_token>. Calls of a session also carry "
                           "X-Session-Id.");
  json.field("docs", view.origin + "/llms.txt");
  json.end_object();
  call.answer.json(body);
}

void channel_link(Call& call) {
  const auto found = any_channel(call);
  if (!found) return call.answer.error(found.error());
  const core::ChannelRecord& record = (*found)->record;
  net::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = link_page(call.view(), record.id, record.options);
  call.answer.respond(std::move(response));
}

void list_bands(Call& call) {
  View view = call.view();
  auto list =
      std::make_shared<BandList>(std::move(call.answer), std::move(view), std::vector<BandInfo>());
  for (const core::Band& band : core::bands()) {
    list->bands.push_back({std::string(band.name), std::string(band.description)});
  }
  on_every_shard(
      call.services.hub, call.shard.number(), std::move(list), count_agents,
      [](const std::shared_ptr<BandList>& l) { l->answer.json(bands_json(l->view, l->bands)); });
}

}  // namespace rogerthat::api
