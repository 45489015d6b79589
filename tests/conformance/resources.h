// The resources that the suites list, read and watch: their tables, and reading one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rogerthat::conformance {

inline constexpr std::string_view kWatchedResource = "test://watched-resource";

std::string resources_json();
std::string resource_templates_json();
// The fields of a result of resources/read; none where there is no such resource.
std::optional<std::string> read_resource(std::string_view uri);

}  // namespace rogerthat::conformance
