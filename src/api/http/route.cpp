#include "api/http/route.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace rogerthat::api {

const Route& route_named(std::span<const Route> table, std::string_view name) {
  const auto row = std::ranges::find(table, name, &Route::name);
  if (row == table.end()) throw std::logic_error("no route is named " + std::string(name));
  return *row;
}

}  // namespace rogerthat::api
