#include "api/channels.h"

#include <fmt/format.h>

#include "api/auth.h"
#include "api/body.h"
#include "api/connect.h"
#include "api/discovery.h"
#include "api/edition.h"
#include "api/elsewhere.h"
#include "api/place.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kSaltBytes = 16;

// A creation on its way: the request it came with is gone by the time it is answered.
struct Creation {
  Answer answer;
  hub::Shard& shard;
  View view;
  std::string token;
  std::string owner_password;
  core::ChannelRecord record;
};

void write_options(JsonWriter& json, const core::ChannelOptions& options) {
  json.field("retention", core::to_string(options.retention));
  json.field("trust_mode", core::to_string(options.trust_mode));
  json.field("require_identity", options.require_identity);
  json.field("session_ttl_seconds", static_cast<double>(options.session_ttl) / kSecond);
  json.field("has_owner_password", options.has_owner_password);
}

// A preset that mints the owner password also arms the creator: one command that joins with it and
// prints what comes.
void write_listener(JsonWriter& json, const Creation& made, std::string_view taken) {
  std::string callsign;
  do {
    callsign = core::random_callsign(random_source());
  } while (callsign == taken);
  const ChannelFacts own{made.record.id, made.token, made.record.options, made.owner_password,
                         callsign};
  json.key("listener").begin_object();
  json.field("callsign", callsign);
  json.field("command", listen_loop(place_of(made.view, own)));
  json.end_object();
}

std::string creation_answer(const Creation& made) {
  const core::ChannelOptions& options = made.record.options;
  const std::string& origin = made.view.origin;
  const std::string peer = core::random_callsign(random_source());
  const ChannelFacts facts{made.record.id, made.token, options, made.owner_password, peer};

  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.field("channel_id", made.record.id);
  json.field("join_token", made.token);
  json.field("mcp_url", fmt::format("{}/mcp/{}", origin, made.record.id));
  json.field("bootstrap_mcp_url", origin + "/mcp");
  write_options(json, options);
  if (made.owner_password.empty()) {
    json.null_field("owner_password");
  } else {
    json.field("owner_password", made.owner_password);
  }
  json.null_field("creator_account_id");
  json.field("durable", options.durable);
  json.field("ring_size", std::uint64_t{options.ring_size});
  json.field("on_collision", core::to_string(options.on_collision));
  json.field("loop_guard", core::to_string(options.loop_guard));
  if (const std::string notice = retention_notice(options); !notice.empty()) {
    json.field("notice", notice);
  }
  json.field("privacy", privacy_notice(options));
  json.field("peer_invite", peer_invite(made.view, facts));
  json.key("connect");
  write_connect(json, made.view, facts);
  const core::Mode* const mode = made.view.edition.mode;
  if (mode != nullptr && mode->mints_owner_password) write_listener(json, made, peer);
  json.end_object();
  return body;
}

void store_channel(std::shared_ptr<Creation> made) {
  hub::Shard& shard = made->shard;
  core::ChannelRecord record = made->record;
  shard.create(std::move(record), [made = std::move(made)](Result<hub::ChannelEntry*> created) {
    if (created) {
      made->answer.json(creation_answer(*made));
    } else {
      made->answer.error(created.error());
    }
  });
}

void write_endpoints(JsonWriter& json, std::string_view origin, std::string_view channel) {
  constexpr std::string_view kPrefix = "/api/channels/{channel}/";
  json.key("endpoints").begin_object();
  for (const Route& route : routes()) {
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

void create_channel(Call& call) {
  if (auto ok = authorise_creation(call); !ok) return call.answer.error(ok.error());
  if (auto ok = take_limit(call, hub::Limited::channel_creation); !ok) {
    return call.answer.error(ok.error());
  }
  if (const auto preset = call.request.query_parameter("preset")) {
    call.edition = overlay(call.edition, edition_named(*preset));
  }
  const auto body = parse_body(call.request.body);
  if (!body) return call.answer.error(body.error());
  auto wanted = read_new_channel(*body, call.edition.mode, random_source());
  if (!wanted) return call.answer.error(wanted.error());

  hub::Hub& hub = call.services.hub;
  View view = call.view();
  auto made =
      std::make_shared<Creation>(std::move(call.answer), call.shard, std::move(view), std::string(),
                                 std::move(wanted->owner_password), core::ChannelRecord());
  made->record = hub.new_channel(wanted->options, call.shard.number(), made->token);
  if (made->owner_password.empty()) return store_channel(std::move(made));
  on_worker(
      hub, call.shard.number(), made,
      [salt = random_source().token(kSaltBytes)](Creation& c) {
        c.record.owner_password_hash = hash_password(c.owner_password, salt);
      },
      [](const std::shared_ptr<Creation>& c) { store_channel(c); });
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
  write_options(json, options);
  json.field("is_band", options.band);
  json.field("agent_count", static_cast<std::uint64_t>(entry.channel.agent_count()));
  write_endpoints(json, view.origin, entry.record.id);
  json.field("auth", options.band
                         ? "None: bands are public. Calls of a session also carry X-Session-Id."
                         : "Authorization: Bearer <join_token>. Calls of a session also carry "
                           "X-Session-Id.");
  json.field("docs", view.origin + "/llms.txt");
  json.end_object();
  call.answer.json(body);
}

void list_bands(Call& call) {
  View view = call.view();
  auto list =
      std::make_shared<BandList>(std::move(call.answer), std::move(view), std::vector<BandInfo>());
  for (const Band& band : bands()) {
    list->bands.push_back({std::string(band.name), std::string(band.description)});
  }
  on_every_shard(
      call.services.hub, call.shard.number(), std::move(list), count_agents,
      [](const std::shared_ptr<BandList>& l) { l->answer.json(bands_json(l->view, l->bands)); });
}

}  // namespace rogerthat::api
