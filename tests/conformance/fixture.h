// A fixture: something that the official conformance suites call by its name and expect to behave
// in one certain way: the rows of the tables, and what a fixture may do besides answering.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mcp/application.h"
#include "net/loop.h"

namespace rogerthat::conformance {

// What surrounds the fixtures: the server's timers and its word to all clients.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual void after(Millis delay, net::Loop::Job job) = 0;  // on the thread that asks
  virtual void list_changed(mcp::List list) = 0;
};

using Run = std::function<void(Surroundings& around, const mcp::Request& request, mcp::Reply call)>;

// The same answer every time: the fields of a result.
Run answers(std::string fields);

inline constexpr std::string_view kNoArguments = R"({"type":"object","properties":{}})";

struct ToolFixture {
  std::string_view name;
  std::string_view description;
  Run run;
  std::string_view input_schema = kNoArguments;
  std::vector<mcp::HeaderArgument> header_arguments = {};
};

struct PromptFixture {
  std::string_view name;
  std::string_view description;
  Run run;
  std::string_view arguments = "[]";
};

std::vector<ToolFixture> content_tools();  // answer with contents of every kind
std::vector<ToolFixture> running_tools();  // take a while, and tell of it
std::vector<ToolFixture> asking_tools();   // need something from the client first
std::vector<ToolFixture> schema_tools();   // are there for what their schemas say
std::vector<PromptFixture> prompt_fixtures();

}  // namespace rogerthat::conformance
