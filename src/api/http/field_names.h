// What was probably meant by the name of a field that nobody knows: the same word written
// otherwise, a usual synonym, or a slip of the keys. Pure. What is done about it is not known here.
#pragma once

#include <span>
#include <string_view>

namespace rogerthat::api {

// One of `known`; empty: the name is like none of them.
std::string_view meant_name(std::string_view given, std::span<const std::string_view> known);

}  // namespace rogerthat::api
