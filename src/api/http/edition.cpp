#include "api/http/edition.h"

#include "base/utf8.h"

namespace rogerthat::api {

core::Edition edition_named(std::string_view name) {
  return core::parse_edition(lower_ascii(name)).value_or(core::Edition{});
}

std::string edition_names() {
  std::string names;
  const auto add = [&names](std::string_view name) {
    if (!names.empty()) names += ", ";
    names += name;
  };
  for (const core::Mode& mode : core::modes()) add(mode.name);
  for (const core::Harness& harness : core::harnesses()) add(harness.name);
  return names;
}

core::Edition overlay(core::Edition base, core::Edition by) {
  if (by.mode != nullptr) base.mode = by.mode;
  if (by.harness != nullptr) base.harness = by.harness;
  return base;
}

}  // namespace rogerthat::api
