// What a fixture asks the client before it answers: asking in rounds, the same in both eras, and
// the questions that several fixtures share.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "fixture.h"
#include "mcp/call.h"

namespace rogerthat::conformance {

using Round = std::vector<mcp::InputRequest>;  // asked together
using Rounds = std::function<std::vector<Round>(const mcp::Request&)>;
using Answer = std::function<std::string(const mcp::Request&)>;  // the fields of the result

// Asks round by round until every question has an answer, and again what was not answered.
Run asks(Rounds rounds, Answer answer);
Run asks(std::vector<Round> rounds, std::string fields);

struct Field {
  std::string_view name;
  std::string_view schema;  // JSON
};
// All fields are required.
mcp::InputRequest form(std::string_view key, std::string_view message,
                       std::initializer_list<Field> fields);
mcp::InputRequest sampling(std::string_view key, std::string_view prompt, int max_tokens = 100);
mcp::InputRequest roots(std::string_view key);

// The client's result for a question. Only where asks() has seen it.
JsonValue reply_to(const mcp::Request& request, std::string_view key);

}  // namespace rogerthat::conformance
