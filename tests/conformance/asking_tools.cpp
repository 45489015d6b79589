// Tools that need something from the client before they answer: a form that its human fills in, a
// reply of its model, its roots.

#include <fmt/format.h>

#include "content.h"
#include "questions.h"

namespace rogerthat::conformance {

namespace {

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kYesOrNo = R"({"type":"boolean"})";

std::string to_json(const std::optional<JsonValue>& value) {
  std::string out;
  if (value) append_json(out, *value);
  return out.empty() ? "{}" : out;
}

// "action=accept, content={...}"
std::string outcome(const JsonValue& reply) {
  return fmt::format("action={}, content={}", string_at(reply, "action"),
                     to_json(reply.find("content")));
}

// One form, and an answer that repeats how it was filled in.
Run fills_in(mcp::InputRequest question, std::string_view introduction) {
  const std::string key = question.key;
  return asks(
      [question](const mcp::Request&) { return std::vector<Round>{{question}}; },
      [key, introduction](const mcp::Request& request) {
        return tool_text(fmt::format("{} {}", introduction, outcome(reply_to(request, key))));
      });
}

Run streams(Run run) {
  return
      [run = std::move(run)](Surroundings& around, const mcp::Request& request, mcp::Reply call) {
        call.stream_now();
        run(around, request, std::move(call));
      };
}

// --- By argument.

std::vector<Round> ask_the_model(const mcp::Request& request) {
  return {{sampling("reply", string_at(request.arguments, "prompt"))}};
}

std::string what_the_model_said(const mcp::Request& request) {
  const auto content = reply_to(request, "reply").find("content");
  return tool_text(fmt::format("LLM response: {}", string_at(content, "text")));
}

std::vector<Round> ask_who_it_is(const mcp::Request& request) {
  return {{form("person", string_at(request.arguments, "message"),
                {{"username", R"({"type":"string","description":"User's response"})"},
                 {"email", R"({"type":"string","description":"User's email address"})"}})}};
}

std::string who_it_is(const mcp::Request& request) {
  return tool_text(fmt::format("User response: {}", outcome(reply_to(request, "person"))));
}

// --- Forms with every kind of field.

mcp::InputRequest form_with_defaults() {
  return form(
      "form", "Please look over these values",
      {{"name", R"({"type":"string","default":"John Doe"})"},
       {"age", R"({"type":"integer","default":30})"},
       {"score", R"({"type":"number","default":95.5})"},
       {"status", R"({"type":"string","enum":["active","inactive","pending"],"default":"active"})"},
       {"verified", R"({"type":"boolean","default":true})"}});
}

mcp::InputRequest form_with_choices() {
  return form(
      "form", "Please choose",
      {{"untitledSingle", R"({"type":"string","enum":["option1","option2","option3"]})"},
       {"titledSingle",
        R"({"type":"string","oneOf":[{"const":"value1","title":"First Option"},)"
        R"({"const":"value2","title":"Second Option"},{"const":"value3","title":"Third Option"}]})"},
       {"legacyEnum", R"({"type":"string","enum":["opt1","opt2","opt3"],)"
                      R"("enumNames":["Option One","Option Two","Option Three"]})"},
       {"untitledMulti",
        R"({"type":"array","items":{"type":"string","enum":["option1","option2","option3"]}})"},
       {"titledMulti",
        R"({"type":"array","items":{"anyOf":[{"const":"value1","title":"First Choice"},)"
        R"({"const":"value2","title":"Second Choice"},{"const":"value3","title":"Third Choice"}]}})"}});
}

// --- With what the client declares.

std::vector<Round> ask_what_is_declared(const mcp::Request& request) {
  Round round;
  if (request.client.elicitation) {
    round.push_back(form("user_name", "What is your name?", {{"name", kText}}));
  }
  if (request.client.sampling) round.push_back(sampling("greeting", "Generate a greeting"));
  return {round};
}

std::string hello(const mcp::Request& request) {
  const auto content = reply_to(request, "user_name").find("content");
  return tool_text(fmt::format("Hello, {}!", string_at(content, "name")));
}

std::string what_roots(const mcp::Request& request) {
  const JsonValue reply = reply_to(request, "client_roots");
  return tool_text(fmt::format("Roots: {}", to_json(reply.find("roots"))));
}

std::vector<Round> ask_for_a_name(const mcp::Request&) {
  return {{form("user_name", "What is your name?", {{"name", kText}})}};
}

}  // namespace

std::vector<ToolFixture> asking_tools() {
  const mcp::InputRequest name = form("user_name", "What is your name?", {{"name", kText}});
  const mcp::InputRequest confirm = form("confirm", "Please confirm", {{"ok", kYesOrNo}});
  const mcp::InputRequest capital = sampling("capital_question", "What is the capital of France?");
  return {
      {"test_sampling", "Asks the client's model.", asks(ask_the_model, what_the_model_said),
       R"({"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]})"},
      {"test_elicitation", "Asks the client's human.", asks(ask_who_it_is, who_it_is),
       R"({"type":"object","properties":{"message":{"type":"string"}},"required":["message"]})"},
      {"test_elicitation_sep1034_defaults", "Asks with a form whose fields have defaults.",
       fills_in(form_with_defaults(), "Elicitation completed:")},
      {"test_elicitation_sep1330_enums", "Asks with a form of choices.",
       fills_in(form_with_choices(), "Elicitation completed:")},
      {"test_missing_capability", "Needs a client that can ask its model.",
       asks({{capital}}, tool_text("The client can ask its model."))},
      {"test_streaming_elicitation", "Asks the client's human from within a stream.",
       streams(asks({{confirm}}, tool_text("Confirmed.")))},
      {"test_input_required_result_elicitation", "Asks for a name.", asks(ask_for_a_name, hello)},
      {"test_input_required_result_sampling", "Asks the client's model for a capital.",
       asks({{capital}}, tool_text("The model has answered."))},
      {"test_input_required_result_list_roots", "Asks for the client's roots.",
       asks([](const mcp::Request&) { return std::vector<Round>{{roots("client_roots")}}; },
            what_roots)},
      {"test_input_required_result_request_state", "Asks, and wants its state back.",
       asks({{confirm}}, tool_text("state-ok"))},
      {"test_input_required_result_tampered_state", "Asks, and wants its state back unchanged.",
       asks({{confirm}}, tool_text("state-ok"))},
      {"test_input_required_result_multiple_inputs", "Asks for three things at once.",
       asks({{name, sampling("greeting", "Generate a greeting", 50), roots("client_roots")}},
            tool_text("All three are answered."))},
      {"test_input_required_result_multi_round", "Asks twice.",
       asks({{form("step1", "Step 1: What is your name?", {{"name", kText}})},
             {form("step2", "Step 2: What is your favorite color?", {{"color", kText}})}},
            tool_text("Both steps are answered."))},
      {"test_input_required_result_capabilities", "Asks only for what the client can give.",
       asks(ask_what_is_declared,
            [](const mcp::Request&) { return tool_text("Everything is answered."); })},
  };
}

}  // namespace rogerthat::conformance
