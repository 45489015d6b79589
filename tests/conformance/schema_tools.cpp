// Tools that are there for what their input schemas say: keywords of JSON Schema 2020-12 that must
// survive the listing, and arguments that clients repeat in headers.

#include "content.h"
#include "fixture.h"

namespace rogerthat::conformance {

namespace {

constexpr std::string_view kEveryKeyword =
    R"({"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",)"
    R"("$defs":{"address":{"$anchor":"addressDef","type":"object",)"
    R"("properties":{"street":{"type":"string"},"city":{"type":"string"}}}},)"
    R"("properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"},)"
    R"("contactMethod":{"type":"string","enum":["phone","email"]},)"
    R"("phone":{"type":"string"},"email":{"type":"string"}},)"
    R"("allOf":[{"anyOf":[{"required":["phone"]},{"required":["email"]}]}],)"
    R"("if":{"properties":{"contactMethod":{"const":"phone"}},"required":["contactMethod"]},)"
    R"("then":{"required":["phone"]},"else":{"required":["email"]},)"
    R"("additionalProperties":false})";

constexpr std::string_view kHeaderArguments =
    R"({"type":"object","properties":{)"
    R"("region":{"type":"string","x-mcp-header":"Region"},)"
    R"("copies":{"type":"integer","x-mcp-header":"Copies"},)"
    R"("urgent":{"type":"boolean","x-mcp-header":"Urgent"}}})";

}  // namespace

std::vector<ToolFixture> schema_tools() {
  return {
      {"json_schema_2020_12_tool", "Has an input schema that uses JSON Schema 2020-12.",
       answers(tool_text("The schema is the point of this tool.")), kEveryKeyword},
      {"test_header_arguments",
       "Has arguments that clients repeat in headers.",
       answers(tool_text("The headers agree with the arguments.")),
       kHeaderArguments,
       {{{"region"}, "Region"}, {{"copies"}, "Copies"}, {{"urgent"}, "Urgent"}}},
  };
}

}  // namespace rogerthat::conformance
