// Creating channels and telling what they are: POST /api/channels, GET /api/channels/{channel} and
// GET /api/bands. Lives here: the validation of a creation and its answer.
#pragma once

#include "api/request_context.h"
#include "base/json.h"
#include "core/types.h"

namespace rogerthat::api {

// What a creation asks for, with the preset's and the contract's defaults filled in.
struct NewChannel {
  core::ChannelOptions options;
  std::string owner_password;  // empty: none
};
Result<NewChannel> read_new_channel(const std::optional<JsonValue>& body, const core::Mode* mode,
                                    Random& random);

void create_channel(Call& call);
void channel_info(Call& call);
void list_bands(Call& call);

}  // namespace rogerthat::api
