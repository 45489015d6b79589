// A join, whoever asks for it: by REST or as a tool. What a join may ask for, the way
// through a slow hash and the disk, and the fields of its answer.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/access/auth.h"
#include "api/http/body.h"
#include "base/json.h"
#include "core/command.h"
#include "hub/message_json.h"

namespace rogerthat::api {

// As sent. Views into the document.
struct JoinFields {
  TextField callsign;
  std::string_view identity_key, owner_password;  // empty: absent
  std::optional<std::string_view> ack, intro;
};
std::span<const Field<JoinFields>> join_fields();

struct JoinWish {
  core::JoinCommand command;
  std::string owner_password;  // empty: none
  std::string identity_key;    // empty: none
};
// What the fields mean, or the first complaint of `reader`, which has read them.
Result<JoinWish> read_join(FieldReader& reader, const JoinFields& fields);

// Proves what the wish claims and joins. `done` runs on the
// asker's shard, perhaps before the call returns; the channel lives as long as it runs.
using JoinDone =
    std::move_only_function<void(Result<hub::JoinReply> reply, const hub::ChannelEntry* channel)>;
void carry_out_join(const Asker& asker, hub::ChannelEntry& entry, JoinWish wish, JoinDone done);

// What a join says of trust: as far as this caller has proved it, whoever else holds the session.
core::TrustPosture posture_of(const hub::ChannelEntry& entry, const hub::JoinReply& reply);
// What a session is told that goes by the name of a model; empty: nothing.
std::string callsign_warning(const hub::ChannelEntry& entry, const hub::JoinReply& reply);
// The fields of the answer up to `unread`, within an object.
void write_join_fields(JsonWriter& json, const hub::ChannelEntry& entry,
                       const hub::JoinReply& reply, hub::Attached attached = hub::Attached::whole);

}  // namespace rogerthat::api
