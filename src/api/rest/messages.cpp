#include "api/rest/messages.h"

#include <charconv>

#include "api/access/auth.h"
#include "api/acts/looking.h"

namespace rogerthat::api {

namespace {

std::optional<core::MessageId> parse_message_id(std::string_view text) {
  core::MessageId id = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || at != end || id <= 0) return std::nullopt;
  return id;
}

}  // namespace

void message(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) return call.answer.error(found.error());
  const auto session = required_session(call, **found);
  if (!session) return call.answer.error(session.error());
  const auto id = parse_message_id(call.match.last());
  if (!id) return call.answer.error(unknown_message());
  std::string& body = scratch();
  if (auto ok = write_message_state(body, call.shard, **found, *session, *id); !ok) {
    return call.answer.error(ok.error());
  }
  call.answer.json(body);
}

}  // namespace rogerthat::api
