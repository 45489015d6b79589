#include "api/http/edition.h"

#include "base/utf8.h"

namespace rogerthat::api {

core::Edition edition_named(std::string_view name) {
  return core::parse_edition(lower_ascii(name)).value_or(core::Edition{});
}

core::Edition overlay(core::Edition base, core::Edition by) {
  if (by.mode != nullptr) base.mode = by.mode;
  if (by.harness != nullptr) base.harness = by.harness;
  return base;
}

}  // namespace rogerthat::api
