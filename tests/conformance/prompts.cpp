// The prompts that the suites get.

#include <fmt/format.h>

#include "content.h"
#include "questions.h"

namespace rogerthat::conformance {

namespace {

void with_arguments(Surroundings&, const mcp::Request& request, mcp::Reply call) {
  call.result(prompt_result({text_content(fmt::format("Prompt with arguments: arg1='{}', arg2='{}'",
                                                      string_at(request.arguments, "arg1"),
                                                      string_at(request.arguments, "arg2")))}));
}

void with_resource(Surroundings&, const mcp::Request& request, mcp::Reply call) {
  call.result(
      prompt_result({resource_content(string_at(request.arguments, "resourceUri"), "text/plain",
                                      "Embedded resource content for testing."),
                     text_content("Please process the embedded resource above.")}));
}

std::vector<Round> ask_for_context(const mcp::Request&) {
  return {{form("user_context", "What context should the prompt use?",
                {{"context", R"({"type":"string"})"}})}};
}

std::string in_context(const mcp::Request& request) {
  const auto content = reply_to(request, "user_context").find("content");
  return prompt_result(
      {text_content(fmt::format("Use this context: {}", string_at(content, "context")))});
}

}  // namespace

std::vector<PromptFixture> prompt_fixtures() {
  return {
      {"test_simple_prompt", "A text.",
       answers(prompt_result({text_content("This is a simple prompt for testing.")}))},
      {"test_prompt_with_arguments", "A text that repeats its arguments.", with_arguments,
       R"([{"name":"arg1","description":"First test argument","required":true},)"
       R"({"name":"arg2","description":"Second test argument","required":true}])"},
      {"test_prompt_with_embedded_resource", "An embedded resource and a text.", with_resource,
       R"([{"name":"resourceUri","description":"What to embed","required":true}])"},
      {"test_prompt_with_image", "An image and a text.",
       answers(prompt_result({image_content(), text_content("Please analyze the image above.")}))},
      {"test_input_required_result_prompt", "Asks for a context first.",
       asks(ask_for_context, in_context)},
  };
}

}  // namespace rogerthat::conformance
