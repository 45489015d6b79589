// Sends at full speed or at a fixed rate, and measures. Lives here: who sends when, and the latency
// of the answers. A rate is an open loop: sends have intended times that do not move when the
// server is slow, and latency counts from the intended time, so that no waiting is left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/histogram.h"
#include "support/loop.h"
#include "support/peer.h"

namespace rogerthat::bench {

class Sender : public ConnectionHandler {
 public:
  // rate_per_second 0: each connection sends again as soon as it is answered.
  Sender(Loop& loop, std::vector<SendRequest> requests, std::size_t connections,
         double rate_per_second);

  void start();
  void run_until(Nanos deadline);
  void stop() { stopped_ = true; }  // what is in flight is still answered
  bool idle() const { return in_flight_ == 0; }
  void begin_measuring();  // forgets what was counted so far

  // Ends by itself after this many sends.
  void limit(std::uint64_t sends) { limit_ = sends; }

  std::uint64_t sent() const { return sent_; }
  Nanos measured_from() const { return measured_from_; }
  std::uint64_t answered() const { return latency_.count(); }
  const Histogram& latency() const { return latency_; }

  // At a fixed rate: when the send that was meant for then really left. Where it was late because
  // no connection was free the server is to blame, and the intended time stays.
  Nanos left_at(Nanos intended) const;
  const Histogram& lateness() const { return lateness_; }  // of those that this generator held up

  void on_response(Connection& connection, const Response& response) override;

 private:
  void send_next(Connection& connection, Nanos intended);
  // Gives the time of the next send. `starved`: no connection was free until now.
  Nanos release_due(bool starved = false);
  bool finished() const { return stopped_ || started_ == limit_; }

  Loop& loop_;
  std::vector<SendRequest> requests_;
  std::size_t connection_count_;
  double interval_ns_;
  Nanos start_ = 0;
  Nanos measured_from_ = 0;
  std::uint64_t started_ = 0;  // sends since start()
  std::uint64_t sent_ = 0;     // meant to be sent since begin_measuring()
  std::uint64_t limit_ = UINT64_MAX;
  std::size_t in_flight_ = 0;
  bool stopped_ = false;
  std::vector<Connection*> free_;  // only at a fixed rate
  Histogram latency_;
  std::vector<Nanos> left_;  // by send since start(), only at a fixed rate
  Histogram lateness_;
};

}  // namespace rogerthat::bench
