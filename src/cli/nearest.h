// The known name that was probably meant by one that is not known.
#pragma once

#include <span>
#include <string_view>

namespace rogerthat::cli {

// Empty where nothing is near enough to be a slip of the keys.
std::string_view nearest_name(std::string_view given, std::span<const std::string_view> known);

}  // namespace rogerthat::cli
