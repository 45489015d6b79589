// A call over HTTP. Its answer as JSON or as a stream, what its connection's end means
// in each era, and the resumption of a broken answer. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "mcp/due.h"
#include "mcp/http_headers.h"
#include "mcp/http_shard.h"
#include "mcp/running_call.h"
#include "net/exchange.h"

namespace rogerthat::mcp {

class HttpCall final : public RunningCall, public Due {
 public:
  HttpCall(HttpShard& shard, CallOrigin origin, std::string id, net::Exchange exchange,
           Accepted accepted);
  ~HttpCall() override;

  // After dispatch().
  void settle();
  // The client has come back for what follows this event.
  void resume(net::Exchange exchange, std::uint64_t after);
  bool belongs_to(const Session& session) const { return origin().session.get() == &session; }
  bool has_told(std::uint64_t number) const { return number <= event_count_; }

  void stream_now() override;
  bool acknowledged() const override;
  bool connected() const override { return self_ == nullptr; }
  void expedite() override { exchange_.expedite(); }
  void drop_connection() override;
  void due(Millis steady_now) override;

 private:
  class Watcher;
  struct KeptEvent {
    std::uint64_t number;
    net::SharedBytes bytes;
  };

  void send_answer(std::string_view message, std::optional<ErrorCode> error) override;
  bool send_note(std::string_view message, Note kind) override;
  void end_unanswered() override;
  void parked_changed() override;

  // What the connection tells.
  void half_closed();
  void next_request();
  void connection_closed(bool acknowledged);

  bool resumable() const { return stream_ != 0 && told_id_; }
  void watch();
  void leave_connection();  // what it tells from now on is not for this call
  void wait_for_client();
  void forget();  // nothing can be resumed any more
  void write_event(std::string_view message, Note kind);
  // From now on the client can come back for what follows event `number`.
  void prime(std::uint64_t number);
  static void count(bool& counted, Gauge& gauge, bool from_now_on);

  const std::shared_ptr<HttpShard> shard_;  // an application may hold a call for longer
  net::Exchange exchange_;
  Watcher* watcher_ = nullptr;
  std::shared_ptr<HttpCall> self_;  // while nothing else holds a broken one
  std::vector<KeptEvent> kept_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t stream_ = 0;  // 0: cannot be resumed
  std::uint64_t event_count_ = 0;
  Millis began_;
  Accepted accepted_;
  bool settled_ = false;
  bool streaming_ = false;
  bool told_id_ = false;  // of an event: the client knows what to come back for
  bool counted_call_ = false;
  bool counted_stream_ = false;
};

}  // namespace rogerthat::mcp
