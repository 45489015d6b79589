// Tools that answer at once, with contents of every kind.

#include "content.h"
#include "fixture.h"

namespace rogerthat::conformance {

Run answers(std::string fields) {
  return [fields = std::move(fields)](Surroundings&, const mcp::Request&, mcp::Reply call) {
    call.result(fields);
  };
}

std::vector<ToolFixture> content_tools() {
  return {
      {"test_simple_text", "Answers with a text.",
       answers(tool_text("This is a simple text response for testing."))},
      {"test_image_content", "Answers with an image.", answers(tool_result({image_content()}))},
      {"test_audio_content", "Answers with a sound.", answers(tool_result({audio_content()}))},
      {"test_embedded_resource", "Answers with an embedded resource.",
       answers(tool_result({resource_content("test://embedded-resource", "text/plain",
                                             "This is an embedded resource content.")}))},
      {"test_multiple_content_types", "Answers with a text, an image and a resource.",
       answers(tool_result({text_content("Multiple content types test:"), image_content(),
                            resource_content("test://mixed-content-resource", "application/json",
                                             R"({"test":"data","value":123})")}))},
      {"test_error_handling", "Fails, always.",
       answers(tool_result({text_content("This tool intentionally returns an error for testing")},
                           true))},
  };
}

}  // namespace rogerthat::conformance
