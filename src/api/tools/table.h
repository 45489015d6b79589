// The tools that this hub offers to MCP clients, as one table: what they are called, what a model
// is told of them, what they take and give, and who carries them out. tools/list, mcp.json and
// /api/v1/info are rendered from it; a further tool is a further row.
//
// Clients pay for the list in every context, so words are counted: a test holds the bounds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/tools/context.h"

namespace rogerthat::api {

// /mcp (all channels) and /mcp/<channel>.
enum class McpEndpoint : std::uint8_t { all_channels, one_channel };

struct ToolArgument {
  std::string_view name;
  std::string_view type = "string";
  std::string_view choices = {};      // separated by spaces; empty: any
  std::string_view items = {};        // of an array: its JSON Schema
  std::string_view description = {};  // may hold {{names}} of api/texts/facts.h
  bool required = false;
  bool all_channels_only = false;
};

struct ToolRow {
  std::string_view name;
  std::string_view title;
  std::string_view description;  // up to 600 characters
  std::span<const ToolArgument> arguments;
  std::string_view output_schema = {};  // empty: none is promised
  bool looks_only = false;              // readOnlyHint
  bool repeatable = false;              // idempotentHint
  bool all_channels_only = false;
  bool makes = false;  // something new: it acts on no channel and takes no handles
  void (*run)(ToolCall& call) = nullptr;
};

std::span<const ToolRow> tool_rows();
const ToolRow* find_tool(std::string_view name);
bool has_tool(McpEndpoint endpoint, const ToolRow& row);

// A row as tools/list shows it.
std::string tool_json(const ToolRow& row, McpEndpoint endpoint);
std::string input_schema_json(const ToolRow& row, McpEndpoint endpoint);

}  // namespace rogerthat::api
