// A session of a legacy client: what was negotiated, what runs, what is watched, and what waits to
// be told. Over HTTP there are many (session_directory.h), over stdio there is one.
//
// Shared by all threads: every function here may be called on any of them. A session id finds a
// session and proves nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/time.h"
#include "mcp/application.h"
#include "mcp/json_rpc.h"
#include "mcp/protocol.h"
#include "net/loop.h"

namespace rogerthat::mcp {

class RunningCall;

// What ties a session to who opened it. A request that differs does not find the session.
struct SessionOwner {
  std::string realm;                       // the endpoint: "" or a channel
  std::optional<Digest> authorization;     // of the Authorization header it was opened with
  std::array<std::uint8_t, 16> address{};  // for the bound per address; not compared
};

// Where a session's own notifications go: its GET stream, or the pipe.
class Outlet {
 public:
  virtual ~Outlet() = default;
  // Any thread: Session::take_notes() has something. Told once until it is taken.
  virtual void notes_waiting() = 0;
  virtual void session_ended() {}  // any thread; also when another outlet takes its place
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  static constexpr std::size_t kCallsMax = 64;
  static constexpr std::size_t kWatchesMax = 64;
  static constexpr std::size_t kUriBytesMax = 2048;

  Session(std::string id, SessionOwner owner, std::string_view revision, ClientCapabilities client,
          std::unique_ptr<SessionState> state);
  ~Session();

  std::string_view id() const { return id_; }
  const SessionOwner& owner() const { return owner_; }
  std::string_view revision() const { return revision_; }  // static storage
  ClientCapabilities client() const { return client_; }
  SessionState* state() const { return state_.get(); }
  LogLevel log_level() const { return log_level_.load(std::memory_order_relaxed); }
  void set_log_level(LogLevel level) { log_level_.store(level, std::memory_order_relaxed); }

  // Calls that wait: so that they can be cancelled by name, and counted.
  bool has_room() const { return waiting_.load(std::memory_order_relaxed) < kCallsMax; }
  bool add_call(std::string_view id, net::Loop* loop, std::weak_ptr<RunningCall> call);  // new id
  void remove_call(std::string_view id);
  void cancel_call(std::string_view id);

  // Requests of ours to the client; gives the id, as JSON.
  std::string add_question(net::Loop* loop, std::weak_ptr<RunningCall> call, std::size_t index);
  void drop_question(const std::string& id);
  void answer_question(const Message& response);

  // A URI is entered before it is watched, so that what changes meanwhile is told.
  enum class Entered : std::uint8_t { yes, already, too_many };
  Entered enter_watch(std::string_view uri);
  void keep_watch(std::string_view uri, std::unique_ptr<Watch> watch, net::Loop* loop);
  void remove_watch(std::string_view uri);

  // Notifications that belong to no call. They wait for an outlet, and many of a kind become one.
  void note_updated(std::string_view uri);
  void note_list_changed(List list);
  // False: there is one, and it is not to be replaced.
  bool set_outlet(std::shared_ptr<Outlet> outlet, bool replace = false);
  void clear_outlet(const Outlet* outlet);
  bool has_outlet() const;
  std::vector<std::string> take_notes();  // JSON-RPC messages

  // Notifications that have been written, for a client that lost its stream: the last few.
  struct Sent {
    std::uint64_t number;
    std::string note;
  };
  std::uint64_t keep_sent(std::string note);
  std::vector<Sent> sent_after(std::uint64_t number) const;
  std::uint64_t last_sent() const;

  // Life (HTTP).
  void touch(Millis steady) { last_used_.store(steady, std::memory_order_relaxed); }
  Millis last_used() const { return last_used_.load(std::memory_order_relaxed); }
  bool busy() const;  // a call waits, or a stream is open
  void end();         // cancels what runs, ends what is watched, tells the application; once

 private:
  // Few of them: found by looking at all.
  struct Waiting {
    std::string id;  // as JSON
    net::Loop* loop = nullptr;
    std::weak_ptr<RunningCall> call = {};
    std::size_t index = 0;  // of a question
  };
  struct Watched {
    std::string uri;
    std::unique_ptr<Watch> watch;
    net::Loop* loop;
  };
  static void let_go(Watched watched);
  std::shared_ptr<Outlet> outlet_to_wake();

  const std::string id_;
  const SessionOwner owner_;
  const std::string_view revision_;
  const ClientCapabilities client_;
  const std::unique_ptr<SessionState> state_;
  std::atomic<LogLevel> log_level_{LogLevel::info};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<Millis> last_used_{0};

  mutable std::mutex mutex_;  // over what follows; nothing of others is called under it
  std::vector<Waiting> calls_;
  std::vector<Waiting> questions_;
  std::vector<Watched> watches_;
  std::vector<std::string> updated_;  // URIs
  std::vector<Sent> sent_;
  std::uint64_t sent_count_ = 0;
  std::uint64_t question_count_ = 0;
  std::shared_ptr<Outlet> outlet_;
  std::uint8_t lists_changed_ = 0;  // a bit for each List
  bool woken_ = false;
  bool ended_ = false;
};

std::string_view list_changed_method(List list);

struct SessionLimits {
  std::size_t sessions_max = 100'000;
  std::size_t per_address_max = 1'000;
};

}  // namespace rogerthat::mcp
