#include "api/tools/table.h"

#include <algorithm>
#include <array>

#include "api/texts/facts.h"
#include "api/tools/handlers.h"

namespace rogerthat::api {

namespace {

constexpr std::string_view kString = R"({"type":"string"})";
constexpr std::string_view kAttachment =
    R"({"type":"object","properties":{"mime":{"type":"string"},"data_base64":{"type":"string"},)"
    R"("filename":{"type":"string"}},"required":["mime","data_base64"]})";

// The handles that every tool takes.
constexpr ToolArgument kChannelId{.name = "channel_id", .all_channels_only = true};
constexpr ToolArgument kSession{.name = "session"};

constexpr ToolArgument kTo{.name = "to",
                           .description = "callsign, #N of the roster, or all (default)"};
constexpr ToolArgument kMessage{.name = "message", .description = "up to {{text_max}} characters"};
constexpr ToolArgument kPriority{.name = "priority", .choices = "min low default high urgent"};
constexpr ToolArgument kReplyTo{
    .name = "reply_to", .type = "integer", .description = "id of the message this answers"};
constexpr ToolArgument kSince{
    .name = "since", .type = "integer", .description = "only what came after this id"};
constexpr ToolArgument kAck{
    .name = "ack", .type = "integer", .description = "confirms all up to this id"};
constexpr ToolArgument kTimeout{.name = "timeout_seconds",
                                .type = "number",
                                .description = "up to {{tool_wait_default}}, the default"};
constexpr ToolArgument kPatient{
    .name = "patient",
    .type = "boolean",
    .description = "allows up to {{wait_max}}: only if your client lets calls run so long"};
constexpr ToolArgument kIncludeAttachments{
    .name = "include_attachments",
    .type = "boolean",
    .description = "bring attached images and files, not only their names"};

constexpr std::array kCreateArguments{
    ToolArgument{.name = "preset",
                 .choices = "park live go team",
                 .description = "fills what you leave out"},
    ToolArgument{.name = "retention",
                 .choices = "none metadata prompts full",
                 .description = "what the transcript keeps (none)"},
    ToolArgument{.name = "trust_mode",
                 .choices = "untrusted trusted",
                 .description = "trusted needs owner_password or require_identity"},
    ToolArgument{.name = "owner_password",
                 .description = "{{owner_min}}-{{owner_max}} characters; who joins with it is "
                                "authorized by a human"},
    ToolArgument{.name = "require_identity", .type = "boolean"},
    ToolArgument{.name = "session_ttl_seconds",
                 .type = "number",
                 .description = "idle time of a session, up to {{ttl_max}} ({{ttl_default}})"},
    ToolArgument{.name = "durable", .type = "boolean", .description = "messages survive a restart"},
    ToolArgument{.name = "ring_size",
                 .type = "integer",
                 .description = "messages kept for late readers, {{ring_min}}-{{ring_max}} "
                                "({{ring_default}})"},
    ToolArgument{.name = "on_collision", .choices = "merge reject rename"},
    ToolArgument{.name = "loop_guard", .choices = "warn block off"},
};

constexpr std::array kJoinArguments{
    ToolArgument{.name = "channel_id", .required = true, .all_channels_only = true},
    ToolArgument{.name = "token",
                 .description = "join_token of the channel; bands need none",
                 .all_channels_only = true},
    ToolArgument{.name = "callsign",
                 .description = "your name here: a-z, 0-9, - and _; picked if left out"},
    ToolArgument{.name = "owner_password", .description = "if your human gave you one"},
    ToolArgument{.name = "identity_key"},
    ToolArgument{.name = "intro",
                 .description = "a line about you for the roster, up to {{intro_max}} characters"},
    ToolArgument{.name = "session", .description = "your own earlier handle, to come back"},
    ToolArgument{
        .name = "ack", .choices = "explicit", .description = "what you don't ack comes again"},
    ToolArgument{.name = "keep",
                 .type = "boolean",
                 .description = "stay on the channels joined before, too",
                 .all_channels_only = true},
};

constexpr std::array kSendArguments{
    kTo,
    kMessage,
    ToolArgument{.name = "kind",
                 .choices = "message status",
                 .description = "status: a working signal, seen by who listens now, never kept"},
    kPriority,
    kReplyTo,
    ToolArgument{.name = "suggested_replies",
                 .type = "array",
                 .items = kString,
                 .description = "up to {{replies_max}} short answers"},
    ToolArgument{.name = "attachments",
                 .type = "array",
                 .items = kAttachment,
                 .description = "images or PDF, {{attachment_kib}} KiB together"},
    ToolArgument{.name = "client_id",
                 .description = "your id of this send: repeated, it is delivered once"},
    kChannelId,
    kSession,
};

constexpr std::array kListenArguments{
    ToolArgument{.name = "timeout_seconds",
                 .type = "number",
                 .description = "0-{{listen_max}} ({{listen_default}})"},
    kSince,
    kAck,
    kIncludeAttachments,
    kChannelId,
    kSession,
};

constexpr std::array kWaitArguments{
    kTimeout, kPatient, kSince, kAck, kIncludeAttachments, kChannelId, kSession,
};

constexpr std::array kAskArguments{
    kTo, kMessage, kTimeout, kPatient, kPriority, kReplyTo, kChannelId, kSession,
};

constexpr std::array kRosterArguments{
    ToolArgument{.name = "limit",
                 .type = "integer",
                 .description = "1-{{roster_page_max}} ({{roster_shown}})"},
    ToolArgument{.name = "after", .description = "`next` of the page before"},
    kChannelId,
    kSession,
};

constexpr std::array kHistoryArguments{
    ToolArgument{
        .name = "n", .type = "integer", .description = "1-{{history_max}} ({{history_default}})"},
    kIncludeAttachments,
    kChannelId,
    kSession,
};

constexpr std::array kReceiptsArguments{
    ToolArgument{.name = "id",
                 .type = "integer",
                 .description = "of a message you sent or got",
                 .required = true},
    kChannelId,
    kSession,
};

constexpr std::array kIdentityArguments{
    ToolArgument{.name = "session_token", .description = "of your account", .required = true},
    ToolArgument{.name = "callsign", .description = "picked if left out"},
};

constexpr std::array kRemoteArguments{
    ToolArgument{.name = "share",
                 .type = "boolean",
                 .description = "the link will be passed on: leave the password out of it"},
};

constexpr std::array kHandles{kChannelId, kSession};

// No field is required: a failure carries {error, code} instead.
constexpr std::string_view kCreateOutput =
    R"({"type":"object","properties":{"channel_id":{"type":"string"},)"
    R"("join_token":{"type":"string"},"mcp_url":{"type":"string"},)"
    R"("peer_invite":{"type":"string"},"owner_password":{"type":["string","null"]},)"
    R"("retention":{"type":"string"},"trust_mode":{"type":"string"}}})";
constexpr std::string_view kJoinOutput =
    R"({"type":"object","properties":{"channel_id":{"type":"string"},)"
    R"("session_id":{"type":"string","description":"pass it as session"},)"
    R"("callsign":{"type":"string"},"trust_posture":{"type":"string"},)"
    R"("instructions":{"type":"string"},"roster":{"type":"array",)"
    R"("items":{"type":"string"}},"history":{"type":"array","items":{"type":"object"}},)"
    R"("unread":{"type":"integer"}}})";
constexpr std::string_view kReceiveOutput =
    R"({"type":"object","properties":{"messages":{"type":"array",)"
    R"("items":{"type":"object","properties":{"id":{"type":"integer"},)"
    R"("from":{"type":"string"},"to":{"type":"string"},"text":{"type":"string"},)"
    R"("at":{"type":"integer"},"reply_to":{"type":"integer"}}}},)"
    R"("timed_out":{"type":"boolean"},"superseded":{"type":"boolean"},"hint":{"type":"string"},)"
    R"("more":{"type":"boolean"},"gap":{"type":"object"}}})";
constexpr std::string_view kHistoryOutput =
    R"({"type":"object","properties":{"history":{"type":"array",)"
    R"("items":{"type":"object"}}}})";

constexpr std::array kRows = std::to_array<ToolRow>({
    {.name = "create_channel",
     .title = "Create a channel",
     .description =
         "Creates a channel and returns its channel_id, its join_token (shown this once) and "
         "peer_invite, one line to relay word for word to the other agent or its human. You are "
         "not on it yet: call join next.",
     .arguments = kCreateArguments,
     .output_schema = kCreateOutput,
     .makes = true,
     .run = tool_create_channel},
    {.name = "join",
     .title = "Join a channel",
     .description =
         "Takes a callsign on a channel. Do this first; the answer says who is on, how far to "
         "trust them and how to go on. It returns session_id, your handle: pass it as session, "
         "with channel_id, if your client keeps no MCP session. Joining another channel leaves "
         "this one unless keep is true.",
     .arguments = kJoinArguments,
     .output_schema = kJoinOutput,
     .run = tool_join},
    {.name = "send",
     .title = "Send a message",
     .description =
         "Sends to one callsign or to all. Who is away gets it later. Answer a message with its id "
         "as reply_to. Before work of more than a minute send one line of kind status.",
     .arguments = kSendArguments,
     .run = tool_send},
    {.name = "listen",
     .title = "Check for messages",
     .description =
         "Brings what is new for you, at once if something waits, else after a short wait. Cut "
         "off or timed out, it loses nothing: what you did not get comes with the next call.",
     .arguments = kListenArguments,
     .output_schema = kReceiveOutput,
     .run = tool_listen},
    {.name = "wait",
     .title = "Wait for messages",
     .description =
         "As listen, for longer: the normal way to await a peer. Call it after every answer and "
         "again when it comes back empty, until the task is done. Ends as soon as a message comes.",
     .arguments = kWaitArguments,
     .output_schema = kReceiveOutput,
     .run = tool_wait},
    {.name = "ask",
     .title = "Ask and wait for the answer",
     .description =
         "Sends a message and waits for the one that answers it (reply_to). With no answer in "
         "time the question stands: the answer comes by wait or listen.",
     .arguments = kAskArguments,
     .run = tool_ask},
    {.name = "roster",
     .title = "Who is on",
     .description = "Who is on the channel and who has been.",
     .arguments = kRosterArguments,
     .looks_only = true,
     .repeatable = true,
     .run = tool_roster},
    {.name = "history",
     .title = "Latest messages",
     .description =
         "The latest messages to all and those from or to you, also ones you have read. Nothing "
         "counts as read by it.",
     .arguments = kHistoryArguments,
     .output_schema = kHistoryOutput,
     .looks_only = true,
     .repeatable = true,
     .run = tool_history},
    {.name = "receipts",
     .title = "What became of a message",
     .description =
         "Whether a message is queued, delivered, confirmed, answered or dropped unread.",
     .arguments = kReceiptsArguments,
     .looks_only = true,
     .repeatable = true,
     .run = tool_receipts},
    {.name = "channels",
     .title = "My channels",
     .description = "What you have joined, with your callsign and what is unread.",
     .arguments = kHandles,
     .looks_only = true,
     .repeatable = true,
     .all_channels_only = true,
     .run = tool_channels},
    {.name = "leave",
     .title = "Leave the channel",
     .description =
         "Ends your session. Your callsign keeps its place; joining again goes on there.",
     .arguments = kHandles,
     .repeatable = true,
     .run = tool_leave},
    {.name = "create_account",
     .title = "Create an account",
     .description =
         "For an identity of your own. Returns recovery_token and session_token, shown this once. "
         "Channels need no account.",
     .arguments = {},
     .all_channels_only = true,
     .makes = true,
     .run = tool_create_account},
    {.name = "create_identity",
     .title = "Create an identity",
     .description = "Makes a callsign yours: whoever joins with its identity_key bears it, as "
                    "verified, and where "
                    "it has joined nobody else gets it.",
     .arguments = kIdentityArguments,
     .all_channels_only = true,
     .makes = true,
     .run = tool_create_identity},
    {.name = "open_remote_control",
     .title = "Let your person drive you from a phone",
     .description =
         "Makes a private channel for you and your person and returns a link with its QR code for "
         "their phone, and the keys with which you join. Only when your person asks for it.",
     .arguments = kRemoteArguments,
     .all_channels_only = true,
     .makes = true,
     .run = tool_open_remote_control},
});

void write_argument(JsonWriter& json, const ToolArgument& argument) {
  json.begin_object();
  json.field("type", argument.type);
  if (!argument.choices.empty()) {
    json.key("enum").begin_array();
    std::string_view rest = argument.choices;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      json.value(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    json.end_array();
  }
  if (!argument.items.empty()) json.key("items").raw(argument.items);
  if (!argument.description.empty()) {
    json.field("description", fill(argument.description, limit_facts()));
  }
  json.end_object();
}

void write_annotations(JsonWriter& json, const ToolRow& row) {
  json.key("annotations").begin_object();
  json.field("readOnlyHint", row.looks_only);
  if (!row.looks_only) json.field("destructiveHint", false);
  if (row.repeatable) json.field("idempotentHint", true);
  json.field("openWorldHint", true);
  json.end_object();
}

}  // namespace

std::span<const ToolRow> tool_rows() {
  return kRows;
}

const ToolRow* find_tool(std::string_view name) {
  const auto at = std::ranges::find(kRows, name, &ToolRow::name);
  return at == kRows.end() ? nullptr : &*at;
}

bool has_tool(McpEndpoint endpoint, const ToolRow& row) {
  return endpoint == McpEndpoint::all_channels || !row.all_channels_only;
}

std::string input_schema_json(const ToolRow& row, McpEndpoint endpoint) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("type", "object");
  json.key("properties").begin_object();
  std::vector<std::string_view> required;
  for (const ToolArgument& argument : row.arguments) {
    if (argument.all_channels_only && endpoint != McpEndpoint::all_channels) continue;
    json.key(argument.name);
    write_argument(json, argument);
    if (argument.required) required.push_back(argument.name);
  }
  json.end_object();
  if (!required.empty()) {
    json.key("required").begin_array();
    for (const std::string_view name : required) json.value(name);
    json.end_array();
  }
  json.end_object();
  return out;
}

std::string tool_json(const ToolRow& row, McpEndpoint endpoint) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("name", row.name).field("title", row.title).field("description", row.description);
  json.key("inputSchema").raw(input_schema_json(row, endpoint));
  if (!row.output_schema.empty()) json.key("outputSchema").raw(row.output_schema);
  write_annotations(json, row);
  json.end_object();
  return out;
}

}  // namespace rogerthat::api
