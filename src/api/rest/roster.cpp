#include "api/rest/roster.h"

#include "api/access/auth.h"
#include "api/acts/looking.h"
#include "hub/message_json.h"
#include "hub/roster_page.h"

namespace rogerthat::api {

namespace {

// Looking needs no session; one that comes along is kept alive by it.
void keep_alive(Call& call, hub::ChannelEntry& entry) {
  if (!call.headers.session_id.empty()) {
    (void)call.shard.session(entry, call.headers.session_id);
  }
}

}  // namespace

void roster(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  keep_alive(call, **found);
  const core::Channel& channel = (*found)->channel;
  const std::size_t limit =
      count_parameter(call, "limit", core::kRosterShown, core::kRosterPageMax);
  const auto page =
      hub::roster_page(channel, limit, call.request.query_parameter("after").value_or(""));
  if (!page) return call.answer.error(no_such_page());
  std::string& body = scratch();
  JsonWriter json(body);
  hub::write_rosters(json, channel, *page);
  call.answer.json(body);
}

void history(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  const auto session = optional_session(call, **found);
  if (!session) return call.answer.error(session.error());
  const core::Channel& channel = (*found)->channel;
  const core::MemberNo viewer =
      *session == core::kNone ? core::kNone : channel.session(*session).member;
  const std::size_t n = count_parameter(call, "n", core::kHistoryDefault, core::kHistoryMax);

  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  json.key("history");
  hub::write_messages(json, channel, channel.history(n, viewer));
  json.end_object();
  call.answer.json(body);
}

void stats(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  keep_alive(call, **found);
  const core::ChannelRecord& record = (*found)->record;
  const core::Channel& channel = (*found)->channel;

  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  json.field("channel_id", record.id);
  json.field("retention", core::to_string(record.options.retention));
  json.field("trust_mode", core::to_string(record.options.trust_mode));
  json.field("has_owner_password", record.options.has_owner_password);
  json.field("session_ttl_seconds", static_cast<double>(record.options.session_ttl) / kSecond);
  json.field("is_band", record.options.band);
  json.field("agent_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.field("historic_callsigns_count", static_cast<std::uint64_t>(channel.member_count()));
  json.field("message_count_in_buffer", static_cast<std::uint64_t>(channel.ring().size()));
  if (channel.first_joined_at() == 0) {
    json.null_field("first_joined_at");
  } else {
    json.field("first_joined_at", channel.first_joined_at());
  }
  json.field("last_activity_at", std::max(channel.last_activity_at(),
                                          std::max(record.last_activity_at, record.created_at)));
  json.end_object();
  call.answer.json(body);
}

}  // namespace rogerthat::api
