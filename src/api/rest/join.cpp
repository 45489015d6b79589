#include "api/rest/join.h"

#include "api/access/auth.h"
#include "api/acts/joining.h"
#include "api/http/secrets.h"
#include "api/http/unknown_fields.h"
#include "api/texts/connect.h"

namespace rogerthat::api {

namespace {

void answer_joined(Answer& answer, const hub::ChannelEntry& entry, const hub::JoinReply& reply) {
  const core::ChannelOptions& options = entry.record.options;
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  write_join_fields(json, entry, reply);
  json.field("privacy", privacy_notice(options));
  json.field("hint", join_hint(options, reply.callsign));
  json.end_object();
  answer.json(body);
}

// Where no token is asked for, the bearer of a join may be the key of an identity.
std::string_view bearer_identity_key(const Call& call, const hub::ChannelEntry& entry) {
  if (!entry.record.options.band) return {};
  const auto given = bearer(call.headers.authorization);
  return given && given->starts_with(kIdentityPrefix) ? *given : std::string_view();
}

}  // namespace

void join(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  hub::ChannelEntry& entry = **found;
  const Asker who = asker(call);
  if (auto ok =
          take_limit(who, entry.record.options.band ? hub::Limited::join_band : hub::Limited::join);
      !ok) {
    return call.answer.error(ok.error());
  }
  FieldReader reader;
  JoinFields fields;
  if (auto ok = read_body(call, reader, part(join_fields(), fields)); !ok) {
    return call.answer.error(ok.error());
  }
  auto wish = read_join(reader, fields);
  if (!wish) return call.answer.error(wish.error());
  if (wish->identity_key.empty()) wish->identity_key = bearer_identity_key(call, entry);
  wish->command.session_id = call.headers.session_id;
  carry_out_join(who, entry, std::move(*wish),
                 [answer = std::move(call.answer)](Result<hub::JoinReply> reply,
                                                   const hub::ChannelEntry* joined) mutable {
                   if (!reply) return answer.error(reply.error());
                   answer_joined(answer, *joined, *reply);
                 });
}

void keepalive(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  const auto session = required_session(call, **found);
  if (!session) return call.answer.error(session.error());
  call.answer.json("{\"ok\":true}");
}

void leave(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  if (call.headers.session_id.empty()) {
    return call.answer.error(required_session(call, **found).error());
  }
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.shard.leave(**found, call.headers.session_id, [answer](Result<bool> left) {
    if (left) {
      answer->json("{\"ok\":true}");
    } else {
      answer->error(left.error());
    }
  });
}

}  // namespace rogerthat::api
