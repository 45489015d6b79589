// What answers look like, in the notation that the `answer` column of the table of routes is
// written in: openapi.json gets its schemas from it, the guides their lists of fields.
//
//   ok: boolean, id: integer, more?: boolean    fields; one with ? may be missing
//   string[]  string|null  any                  a list, a value that may be null, anything
//   {state: string, at?: integer}               an object within
//   {*: Receipt}                                an object whose keys are data
//   Message                                     a shape of the table below, which has a name
#pragma once

#include <span>
#include <string_view>

namespace rogerthat::api {

struct Shape {
  std::string_view name;
  std::string_view fields;
};

std::span<const Shape> shapes();

}  // namespace rogerthat::api
