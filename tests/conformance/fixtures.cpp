#include "fixtures.h"

#include "base/json.h"
#include "content.h"
#include "resources.h"

namespace rogerthat::conformance {

namespace {

constexpr std::string_view kCapabilities =
    R"({"completions":{},"logging":{},"prompts":{"listChanged":true},)"
    R"("resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}})";

// What can stand for the first argument of test_prompt_with_arguments.
constexpr std::string_view kCompletions[] = {"paris", "park", "party", "test"};

// Nothing changes the watched resource: it is enough that it can be watched.
class IdleWatch final : public mcp::Watch {};

std::string to_json(const ToolFixture& tool) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("name", tool.name).field("description", tool.description);
  json.key("inputSchema").raw(tool.input_schema).end_object();
  return out;
}

}  // namespace

Fixtures::Fixtures(Surroundings& around)
    : around_(around),
      info_{.name = "conformance-fixtures",
            .title = "Fixtures of the conformance suites",
            .version = "1.0.0",
            .website_url = {},
            .instructions = "Every tool is there to be tested.",
            .legacy_capabilities = std::string(kCapabilities),
            .modern_capabilities = std::string(kCapabilities)},
      resources_(resources_json()),
      resource_templates_(resource_templates_json()) {
  add(content_tools());
  add(running_tools());
  add(asking_tools());
  add(schema_tools());

  JsonWriter json(prompts_);
  json.begin_array();
  for (PromptFixture& prompt : prompt_fixtures()) {
    json.begin_object().field("name", prompt.name).field("description", prompt.description);
    json.key("arguments").raw(prompt.arguments).end_object();
    prompt_runs_.emplace(prompt.name, std::move(prompt.run));
  }
  json.end_array();
}

void Fixtures::add(std::vector<ToolFixture> fixtures) {
  for (ToolFixture& tool : fixtures) {
    tools_.push_back({.name = std::string(tool.name),
                      .json = to_json(tool),
                      .header_arguments = std::move(tool.header_arguments)});
    tool_runs_.emplace(tool.name, std::move(tool.run));
  }
}

void Fixtures::call_tool(const mcp::Request& request, mcp::Reply call) {
  tool_runs_.find(request.name)->second(around_, request, std::move(call));
}

void Fixtures::read_resource(const mcp::Request& request, mcp::Reply call) {
  if (const auto fields = conformance::read_resource(request.name)) {
    call.result(*fields);
  } else {
    mcp::resource_not_found(request, call, request.name);
  }
}

void Fixtures::get_prompt(const mcp::Request& request, mcp::Reply call) {
  const auto found = prompt_runs_.find(request.name);
  if (found == prompt_runs_.end()) {
    call.error(mcp::ErrorCode::invalid_params, "There is no prompt of that name.");
  } else {
    found->second(around_, request, std::move(call));
  }
}

void Fixtures::complete(const mcp::Request& request, mcp::Reply call) {
  const auto argument = request.params ? request.params->find("argument") : std::nullopt;
  const std::string_view begun = string_at(argument, "value");
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("completion").begin_object().key("values").begin_array();
  for (const std::string_view value : kCompletions) {
    if (value.starts_with(begun)) json.value(value);
  }
  json.end_array().field("hasMore", false).end_object().end_object();
  call.result(out);
}

std::unique_ptr<mcp::Watch> Fixtures::watch(const mcp::Request&, std::string_view uri,
                                            std::shared_ptr<mcp::WatchSink>) {
  return uri == kWatchedResource ? std::make_unique<IdleWatch>() : nullptr;
}

}  // namespace rogerthat::conformance
