// Creating channels and telling what they are: POST /api/channels, GET /api/channels/{channel},
// GET /c/{channel} and GET /api/bands.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "api/http/request_context.h"

namespace rogerthat::api {

void create_channel(Call& call);
void channel_info(Call& call);
void channel_link(Call& call);
void list_bands(Call& call);

// The answer of GET /api/bands.
struct BandInfo {
  std::string name;
  std::string description;
  std::size_t agent_count = 0;
};
std::string bands_json(const View& view, const std::vector<BandInfo>& bands);

}  // namespace rogerthat::api
