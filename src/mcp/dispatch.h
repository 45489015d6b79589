// From a message to the application. The table of methods, what each asks of its
// parameters, and the handshakes. The same for both eras and both transports; how a request came in
// has been judged before.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "mcp/application.h"
#include "mcp/json_rpc.h"
#include "mcp/running_call.h"
#include "mcp/session.h"

namespace rogerthat::mcp {

// The part of a request that is known before it runs: for Application::home(), and for dispatch().
// Views into the message; the tool's is the application's.
Request describe_request(const CallOrigin& origin, const Message& message);

// Runs one request, as it was described. `text` is the message as it came; both need to live only
// until this returns. Not for what a transport answers itself: initialize, subscriptions/listen.
void dispatch(Request request, std::string_view text, const std::shared_ptr<RunningCall>& call);
// Runs a legacy request once more, with the answers to what it has asked: {key: result}.
void dispatch_again(std::string_view text, std::string_view inputs_json, std::string_view state,
                    const std::shared_ptr<RunningCall>& call);

// Does the method exist in this era? (Also those that a transport answers itself.)
bool knows_method(Era era, std::string_view method);

// What a legacy client sends besides requests.
void take_notification(Session& session, const Message& message);
inline void take_response(Session& session, const Message& message) {
  session.answer_question(message);
}

struct Handshake {
  std::string_view revision;  // negotiated
  ClientCapabilities client;
};
std::expected<Handshake, BadMessage> read_initialize(const Message& message);
ClientCapabilities read_capabilities(const JsonValue& capabilities);
void append_initialize_result(std::string& out, std::string_view id, const ServerInfo& info,
                              std::string_view revision);

}  // namespace rogerthat::mcp
