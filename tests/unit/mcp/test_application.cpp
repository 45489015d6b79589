#include "test_application.h"

#include <utility>

namespace rogerthat::mcp {

namespace {

class TestWatch final : public Watch {
 public:
  explicit TestWatch(net::Signal& ended) : ended_(ended) {}
  ~TestWatch() override { ended_.raise(); }

 private:
  net::Signal& ended_;
};

Tool tool(std::string name) {
  return {name, R"({"name":")" + name + R"(","inputSchema":{"type":"object"}})"};
}

}  // namespace

TestApplication::TestApplication() {
  info_.name = "test";
  info_.title = "Test";
  info_.version = "1";
  info_.website_url = "https://test.example";
  info_.instructions = "For tests.";
  info_.legacy_capabilities = R"({"tools":{"listChanged":true},"resources":{"subscribe":true}})";
  info_.modern_capabilities = R"({"tools":{"listChanged":true},"resources":{"subscribe":true}})";
  for (const char* const name : {"echo", "wait", "hold", "ask", "nothing"}) {
    tools_.push_back(tool(name));
  }
  tools_.push_back(tool("region"));
  tools_.back().header_arguments = {
      {{"region"}, "Region"}, {{"count"}, "Count"}, {{"dry"}, "Dry"}, {{"where", "zone"}, "Zone"}};
}

std::optional<std::uint32_t> TestApplication::home(const Request& request) {
  return request.method == "tools/call" ? home_shard : std::nullopt;
}

void TestApplication::call_tool(const Request& request, Reply call) {
  ran_on = request.shard;
  if (request.name == "echo" || request.name == "region") {
    return call.result(R"({"content":[{"type":"text","text":"echo"}]})");
  }
  if (request.name == "nothing") return;
  if (request.name == "ask") {
    const auto name = request.inputs ? request.inputs->find("name") : std::nullopt;
    if (!name) {
      return call.need_input(
          {{"name", "elicitation/create",
            R"({"message":"Who?","requestedSchema":{"type":"object","properties":{}}})"}},
          "round one");
    }
    std::string fields = R"({"content":[],"structuredContent":{"state":)";
    append_json_string(fields, request.input_state);
    fields += ",\"answer\":";
    append_json(fields, *name);
    return call.result(fields + "}}");
  }
  if (has_parked) call.park(std::make_unique<ToldParked>(told));
  if (request.name == "wait") call.stream_now();
  waiting_ = std::move(call);
  arrived.raise();
}

void TestApplication::read_resource(const Request& request, Reply call) {
  if (request.name != "test://a") return resource_not_found(request, call, request.name);
  call.result(R"({"contents":[{"uri":"test://a","text":"a"}]})");
}

std::unique_ptr<Watch> TestApplication::watch(const Request&, std::string_view uri,
                                              std::shared_ptr<WatchSink> given) {
  if (!uri.starts_with("test://")) return nullptr;
  sink = std::move(given);
  return std::make_unique<TestWatch>(watch_ended);
}

}  // namespace rogerthat::mcp
