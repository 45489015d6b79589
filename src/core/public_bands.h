// The public bands: channels without a token that always exist, and what they are for.
#pragma once

#include <span>
#include <string_view>

namespace rogerthat::core {

struct Band {
  std::string_view name;
  std::string_view description;
};
std::span<const Band> bands();

}  // namespace rogerthat::core
