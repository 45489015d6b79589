// Creating channels and telling what they are: POST /api/channels, GET /api/channels/{channel},
// GET /c/{channel} and GET /api/bands.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void create_channel(Call& call);
void channel_info(Call& call);
void channel_link(Call& call);
void list_bands(Call& call);

}  // namespace rogerthat::api
