// Holds the readers of bodies to what the table of routes tells of them: a field that is read and
// not told, or told and not read, does not compile.
#pragma once

#include <span>
#include <string_view>

#include "api/http/body.h"
#include "api/http/route_fields.h"

namespace rogerthat::api {

template <class In>
consteval bool reads(std::span<const Field<In>> fields, std::string_view name) {
  for (const Field<In>& field : fields) {
    if (field.name == name) return true;
  }
  return false;
}

consteval bool tells(std::span<const FieldDoc> told, std::string_view name) {
  for (const FieldDoc& row : told) {
    if (!row.in_query && (row.name == name || row.also == name)) return true;
  }
  return false;
}

// Every field that is told of a body is read.
template <class In>
consteval bool reads_what_is_told(std::span<const Field<In>> fields,
                                  std::span<const FieldDoc> told) {
  for (const FieldDoc& row : told) {
    if (row.in_query) continue;
    if (!reads(fields, row.name)) return false;
    if (!row.also.empty() && !reads(fields, row.also)) return false;
  }
  return true;
}

// ... and none besides.
template <class In>
consteval bool reads_as_told(std::span<const Field<In>> fields, std::span<const FieldDoc> told) {
  for (const Field<In>& field : fields) {
    if (!tells(told, field.name)) return false;
  }
  return reads_what_is_told(fields, told);
}

}  // namespace rogerthat::api
