// What the tools of the table do, one function each. Every one of them answers its call, at once or
// later, and never lets it go unanswered.
#pragma once

#include "api/tools/context.h"

namespace rogerthat::api {

// join.cpp
void tool_create_channel(ToolCall& call);
void tool_join(ToolCall& call);
void tool_leave(ToolCall& call);
// accounts.cpp
void tool_create_account(ToolCall& call);
void tool_create_identity(ToolCall& call);
void tool_open_remote_control(ToolCall& call);
// channels.cpp
void tool_channels(ToolCall& call);
// send.cpp
void tool_send(ToolCall& call);
void tool_ask(ToolCall& call);
// receive.cpp
void tool_listen(ToolCall& call);
void tool_wait(ToolCall& call);
// look.cpp
void tool_roster(ToolCall& call);
void tool_history(ToolCall& call);
void tool_receipts(ToolCall& call);

}  // namespace rogerthat::api
