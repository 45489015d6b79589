// The protocol's side of a Reply. What an answer must know of its request, and the order
// of events of one call: notes, the answer, what became of it. A transport derives from RunningCall
// and says how bytes get out.
//
// Belongs to one thread, as the call does. A transport runs a request so: it makes its RunningCall,
// calls dispatch(), and afterwards tells it cancel(), or handed_over() or lost().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/call.h"
#include "mcp/protocol.h"

namespace rogerthat::net {
class Loop;
}

namespace rogerthat::mcp {

class Application;

// Who asked, and how the answer is to look.
struct CallOrigin {
  Application* application = nullptr;
  net::Loop* loop = nullptr;  // the call's thread
  std::uint32_t shard = 0;
  Era era = Era::legacy;
  std::string_view revision;         // static storage
  std::shared_ptr<Session> session;  // legacy
  std::shared_ptr<Caller> caller;
  ClientCapabilities client;
  std::optional<LogLevel> log_level;  // modern: asked for with the request
};

// What modern clients are told about keeping a result.
enum class Caching : std::uint8_t { none, list, read };

class RunningCall : public std::enable_shared_from_this<RunningCall> {
 public:
  RunningCall(CallOrigin origin, std::string id);
  RunningCall(const RunningCall&) = delete;
  RunningCall& operator=(const RunningCall&) = delete;
  virtual ~RunningCall();

  const CallOrigin& origin() const { return origin_; }
  std::string_view id() const { return id_; }  // as JSON

  // What Reply offers.
  bool open() const { return state_ == State::open; }
  void result(std::string_view fields);
  void error(ErrorCode code, std::string_view message, std::string_view data_json);
  void need_input(std::vector<InputRequest> inputs, std::string_view state);
  void progress(double progress, double total, std::string_view message);
  void log(LogLevel level, std::string_view logger, std::string_view data_json);
  void park(std::unique_ptr<ReplyFate> parked);
  virtual void stream_now() = 0;
  virtual bool acknowledged() const = 0;
  virtual bool connected() const { return true; }
  virtual void expedite() {}
  virtual void drop_connection() {}

  // What a transport tells.
  void cancel();  // nobody wants an answer any more; nothing is sent
  // As cancel(), with an answer of the protocol's own.
  void refuse(ErrorCode code, std::string_view message);
  void handed_over(bool confirmed);
  void lost();
  // The call still runs `waited` after it began. False: no progress was asked for, or the
  // application tells its own; a comment may keep the connection alive.
  bool heartbeat(Millis waited);

  // What dispatch() sets up.
  void set_caching(Caching caching) { caching_ = caching; }
  void set_progress_token(std::string token) { progress_token_ = std::move(token); }
  bool wants_progress() const { return !progress_token_.empty(); }
  // need_input() is possible. `sealed_to`: what a modern request state is bound to.
  void allow_input(std::string_view request_text, std::string sealed_to);
  // The application's function has returned: what must outlive the request is kept now.
  void dispatched();
  // An answer to a request of ours (legacy). No result: the client answered with an error.
  void input_arrived(std::size_t index, std::optional<std::string> result,
                     std::string_view error_message);

 protected:
  enum class Note : std::uint8_t {
    lasting,  // to be sent again where a stream is resumed
    passing,
  };
  // One JSON-RPC message without a line break. The call is over when send_answer() is called.
  virtual void send_answer(std::string_view message, std::optional<ErrorCode> error) = 0;
  // A notification or request of this call. False: this client takes none.
  virtual bool send_note(std::string_view message, Note kind) = 0;
  virtual void end_unanswered() {}  // cancelled: nothing more is sent
  virtual void parked_changed() {}  // somebody waits to hear what became of the call

  bool has_parked() const { return parked_ != nullptr; }
  bool answered() const { return state_ == State::answered; }

 private:
  enum class State : std::uint8_t { open, answered, cancelled };
  enum class Outcome : std::uint8_t { unknown, handed_over, confirmed, lost };
  struct Inquiry;

  void answer(std::string_view message, std::optional<ErrorCode> error);
  void finish(State state);
  void tell_outcome();
  void ask_in_result(const std::vector<InputRequest>& inputs, std::string_view state);
  void ask_by_requests(std::vector<InputRequest> inputs, std::string_view state);

  CallOrigin origin_;
  std::string id_;
  std::string progress_token_;  // as JSON; empty: none
  std::string sealed_to_;
  std::string kept_request_;          // for a second run
  std::string_view request_text_;     // while dispatch() runs
  std::unique_ptr<Inquiry> inquiry_;  // what the client has been asked
  std::unique_ptr<ReplyFate> parked_;
  double last_progress_ = -1;  // the first may say 0
  State state_ = State::open;
  Outcome outcome_ = Outcome::unknown;
  Caching caching_ = Caching::none;
  bool input_allowed_ = false;
  bool in_session_ = false;  // the session knows this call
  bool own_progress_ = false;
};

}  // namespace rogerthat::mcp
