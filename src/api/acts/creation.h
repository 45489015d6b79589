// The creation of a channel, whoever asks for it: by REST or as a tool. What a creation
// may ask for, the way through a slow hash and the disk, and the fields of its answer.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/http/body.h"
#include "api/http/request_context.h"
#include "api/texts/connect.h"
#include "base/error.h"
#include "base/json.h"
#include "core/types.h"

namespace rogerthat::api {

// As sent. Views into the document.
struct CreateFields {
  std::optional<std::string_view> retention, trust_mode, owner_password, on_collision, loop_guard;
  std::optional<bool> require_identity, durable;
  std::optional<double> session_ttl_seconds;
  std::optional<std::int64_t> ring_size;
};
std::span<const Field<CreateFields>> create_fields();

// What a creation asks for, with the preset's and the contract's defaults filled in.
struct NewChannel {
  core::ChannelOptions options;
  std::string owner_password;  // empty: none
  std::string owner_account;   // empty: nobody's
};
// ... or the first complaint of `reader`, which has read the fields.
Result<NewChannel> read_new_channel(FieldReader& reader, const CreateFields& fields,
                                    const core::Mode* mode, Random& random);

struct MadeChannel {
  core::ChannelRecord record;
  std::string token;           // shown this once
  std::string owner_password;  // empty: none
  std::string peer_callsign;   // picked for whoever is invited
};
ChannelFacts facts_of(const MadeChannel& made);  // views into it

// A channel of the shard that this runs on. `done` runs there, perhaps before the call returns.
using MadeDone = std::move_only_function<void(Result<MadeChannel>)>;
void make_channel(const Services& services, hub::Shard& shard, NewChannel wanted, MadeDone done);

// The fields of the answer up to `peer_invite`, within an object.
void write_made_channel(JsonWriter& json, const View& view, const MadeChannel& made);
// What everybody may know of a channel's options.
void write_channel_options(JsonWriter& json, const core::ChannelOptions& options);

}  // namespace rogerthat::api
