// One request that runs, as an application sees it. What was asked (Request), the right to answer
// once (Reply), and who hears what becomes of the answer (ReplyFate). The same over HTTP and stdio,
// in both eras.
//
// Everything here belongs to one thread: the one on which Application was called.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "mcp/protocol.h"

namespace rogerthat::mcp {

class Session;
struct Tool;
class RunningCall;  // the protocol's side of a Reply

// Who calls, as the application knows it: made by whoever feeds the transport, handed back with
// every request. One for each HTTP request; one for all of a stdio connection.
class Caller {
 public:
  virtual ~Caller() = default;
};

// Valid until Application's function returns, or JsonDocument::parse is called on this thread.
struct Request {
  Era era = Era::legacy;
  std::string_view revision;
  std::uint32_t shard = 0;     // where this runs
  Session* session = nullptr;  // legacy; null in the modern era
  std::shared_ptr<Caller> caller;
  std::string_view method;
  std::string_view name;               // of a tool or prompt; the URI of a resource
  const Tool* tool = nullptr;          // tools/call: the one of that name; null: there is none
  std::optional<JsonValue> params;     // the whole object
  std::optional<JsonValue> arguments;  // of tools/call and prompts/get
  // Answers to what Reply::need_input() asked for, and the state that went with it (verified).
  std::optional<JsonValue> inputs;  // {key: result of that input request}
  std::string_view input_state;
  bool wants_progress = false;
  ClientCapabilities client;  // what need_input() may ask of it
};

// What an answer needs from the client first: a question to its human, to its model, its roots.
struct InputRequest {
  std::string key;
  std::string method;  // elicitation/create, sampling/createMessage, roots/list
  std::string params;  // a JSON object
};

// Attached to a call by Reply::park(). Before the answer it may hear cancelled(); after the answer
// exactly one of handed_over() and lost(). Destroyed after any of the three.
class ReplyFate {
 public:
  virtual ~ReplyFate() = default;
  // No answer is wanted any more, or nobody is left to read one. Consume nothing. An answer given
  // from within this call, or later, is dropped.
  virtual void cancelled() = 0;
  // The answer has arrived. `confirmed`: the peer's program has shown it (a next request), not only
  // its TCP.
  virtual void handed_over(bool confirmed) { (void)confirmed; }
  virtual void lost() {}  // the answer may not have arrived
};

class Reply {
 public:
  Reply() = default;
  explicit Reply(std::shared_ptr<RunningCall> running);
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();  // unanswered: answers with -32603, so that no client hangs on a bug

  bool open() const;  // false once answered or cancelled

  // `fields`: a JSON object, as the result of this method is written in the spec. The protocol adds
  // resultType, ttlMs, cacheScope and _meta where the era has them.
  void result(std::string_view fields);
  void error(ErrorCode code, std::string_view message, std::string_view data_json = {});
  // Asks the client, and has the request handled again with the answers and `state`. Modern: an
  // input_required result. Legacy: requests on this call's stream. -32021 where the client did not
  // declare what it takes.
  void need_input(std::vector<InputRequest> inputs, std::string_view state);

  // This may take a while: the answer becomes a stream where the client takes one, its headers go
  // out now, and it is kept alive: progress for those who asked for it, comments for the others.
  void stream_now();
  void progress(double progress, double total, std::string_view message = {});
  void log(LogLevel level, std::string_view logger, std::string_view data_json);

  void park(std::unique_ptr<ReplyFate> parked);
  // Every byte of the answer has been acknowledged by the peer.
  bool acknowledged() const;
  // The answer to come is to be acknowledged as soon as it is read (net/exchange.h).
  void expedite();
  // False: the connection has gone, and the client may come back for the answer.
  bool connected() const;
  // Ends the connection that carries this call without an end of its stream (clients resume).
  void drop_connection();

 private:
  std::shared_ptr<RunningCall> running_;
};

}  // namespace rogerthat::mcp
