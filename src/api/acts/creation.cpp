#include "api/acts/creation.h"

#include <fmt/format.h>

#include "api/http/errors.h"
#include "api/texts/connect.h"
#include "core/names.h"
#include "hub/on_shards.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kSaltBytes = 16;

struct Making {
  hub::Shard& shard;
  MadeChannel made;
  MadeDone done;
};

void store_channel(const std::shared_ptr<Making>& making) {
  making->shard.create(core::ChannelRecord(making->made.record),
                       [making](const Result<hub::ChannelEntry*>& created) {
                         if (created) {
                           making->done(std::move(making->made));
                         } else {
                           making->done(std::unexpected(created.error()));
                         }
                       });
}

}  // namespace

void make_channel(const Services& services, hub::Shard& shard, NewChannel wanted, MadeDone done) {
  auto making = std::make_shared<Making>(shard, MadeChannel(), std::move(done));
  MadeChannel& made = making->made;
  made.record = services.hub.new_channel(wanted.options, shard.number(), made.token);
  made.record.owner_account = std::move(wanted.owner_account);
  made.owner_password = std::move(wanted.owner_password);
  made.peer_callsign = core::random_callsign(random_source());
  if (made.owner_password.empty()) return store_channel(making);
  const bool begun = on_worker(
      services.hub, shard.number(), making,
      [salt = random_source().token(kSaltBytes)](Making& m) {
        m.made.record.owner_password_hash = hash_password(m.made.owner_password, salt);
      },
      store_channel);
  if (!begun) making->done(std::unexpected(too_busy()));
}

void write_channel_options(JsonWriter& json, const core::ChannelOptions& options) {
  json.field("retention", core::to_string(options.retention));
  json.field("trust_mode", core::to_string(options.trust_mode));
  json.field("require_identity", options.require_identity);
  json.field("session_ttl_seconds", static_cast<double>(options.session_ttl) / kSecond);
  json.field("has_owner_password", options.has_owner_password);
}

void write_made_channel(JsonWriter& json, const View& view, const MadeChannel& made) {
  const core::ChannelOptions& options = made.record.options;
  json.field("channel_id", made.record.id);
  json.field("join_token", made.token);
  json.field("mcp_url", fmt::format("{}/mcp/{}", view.origin, made.record.id));
  json.field("bootstrap_mcp_url", view.origin + "/mcp");
  write_channel_options(json, options);
  if (made.owner_password.empty()) {
    json.null_field("owner_password");
  } else {
    json.field("owner_password", made.owner_password);
  }
  if (made.record.owner_account.empty()) {
    json.null_field("creator_account_id");
  } else {
    json.field("creator_account_id", made.record.owner_account);
  }
  json.field("durable", options.durable);
  json.field("ring_size", std::uint64_t{options.ring_size});
  json.field("on_collision", core::to_string(options.on_collision));
  json.field("loop_guard", core::to_string(options.loop_guard));
  if (const std::string notice = retention_notice(options); !notice.empty()) {
    json.field("notice", notice);
  }
  json.field("privacy", privacy_notice(options));
  json.field("peer_invite", peer_invite(view, facts_of(made)));
}

ChannelFacts facts_of(const MadeChannel& made) {
  return {made.record.id, made.token, made.record.options, made.owner_password, made.peer_callsign};
}

}  // namespace rogerthat::api
