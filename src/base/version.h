// Which version this is: given by the build, from the project line of CMakeLists.txt.
#pragma once

#include <string_view>

namespace rogerthat {

std::string_view version();  // "0.1.0"

}  // namespace rogerthat
