// Tools that take a while: they log, report progress, lose their connection, or tell all clients
// that a list has changed.

#include "content.h"
#include "fixture.h"

namespace rogerthat::conformance {

namespace {

constexpr Millis kPause = 50;  // between two steps, as the suites ask for

using Step = std::function<void(mcp::Reply&)>;

void play(Surroundings& around, mcp::Reply call, std::vector<Step> steps, std::size_t at = 0) {
  if (!call.open()) return;
  steps[at](call);
  if (++at == steps.size()) return;
  around.after(kPause, [&around, call = std::move(call), steps = std::move(steps), at]() mutable {
    play(around, std::move(call), std::move(steps), at);
  });
}

// One step after the other; the last one answers.
Run plays(std::vector<Step> steps) {
  return [steps = std::move(steps)](Surroundings& around, const mcp::Request&, mcp::Reply call) {
    call.stream_now();
    play(around, std::move(call), steps);
  };
}

Step logs(std::string_view text) {
  return [text](mcp::Reply& call) {
    std::string data;
    append_json_string(data, text);
    call.log(mcp::LogLevel::info, "conformance", data);
  };
}

Step reports(double progress) {
  return [progress](mcp::Reply& call) { call.progress(progress, 100); };
}

Step ends(std::string_view text) {
  return [text](mcp::Reply& call) { call.result(tool_text(text)); };
}

Run changes(mcp::List list) {
  return [list](Surroundings& around, const mcp::Request&, mcp::Reply call) {
    around.list_changed(list);
    call.result(tool_text("All who listen have been told."));
  };
}

}  // namespace

std::vector<ToolFixture> running_tools() {
  return {
      {"test_tool_with_logging", "Logs three lines while it runs.",
       plays({logs("Tool execution started"), logs("Tool processing data"),
              logs("Tool execution completed"), ends("Three lines were logged.")})},
      {"test_logging_tool", "Logs a line.",
       plays({logs("Tool execution started"), ends("A line was logged.")})},
      {"test_tool_with_progress", "Reports its progress three times.",
       plays({reports(0), reports(50), reports(100), ends("Everything is done.")})},
      {"test_reconnection", "Closes its stream before it answers.",
       plays({[](mcp::Reply& call) { call.drop_connection(); }, ends("This came after all.")})},
      {"test_trigger_tool_change", "Says that the list of tools has changed.",
       changes(mcp::List::tools)},
      {"test_trigger_prompt_change", "Says that the list of prompts has changed.",
       changes(mcp::List::prompts)},
  };
}

}  // namespace rogerthat::conformance
