// The results of tools as they pass through the bridge, and what it changes in them. Text in, text
// out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace rogerthat::bridge {

// `structured`: a JSON object, or empty.
std::string text_result(std::string_view text, std::string_view structured, bool error);
// Working signals that the stream has brought, for the answer of a receive.
struct Signals {
  std::string text;               // a block of its own; empty: there are none
  std::vector<std::string> json;  // as the hub tells them
};

// The hub's result as the client gets it, with `notice` and what came besides in front, and without
// what belongs to the newer revision alone.
std::string passed_result(const JsonValue& result, std::string_view notice,
                          const Signals& signals = {});

}  // namespace rogerthat::bridge
