// A long-poll that waits on a connection: the hub gives it messages or ends it, the net room tells
// it what became of its answer. One listen or wait, from its request until its
// hand-over is known. The connection owns it.
#pragma once

#include "api/acts/receive_json.h"
#include "api/http/answer.h"
#include "hub/shard.h"
#include "net/exchange.h"

namespace rogerthat::api {

class PollReceiver final : public net::Parked, public hub::Receiver {
 public:
  static void start(Answer answer, hub::Shard& shard, hub::ChannelEntry& entry,
                    const hub::ReceiveRequest& request, PollForm form, bool secure);

  // From the hub.
  void begins(const hub::ChannelEntry&, std::size_t) override {}
  bool deliver(const hub::Delivery& delivery) override;
  bool announce(const hub::Presence&) override { return true; }
  void ping() override {}
  void end(hub::EndReason reason) override;
  bool acknowledged() const override { return answer_.exchange().acknowledged(); }

  // From the net room.
  void peer_half_closed() override;
  void next_request() override;
  void closed(bool acknowledged) override;

 private:
  PollReceiver(Answer answer, hub::Shard& shard, const hub::ChannelEntry& entry,
               core::SessionNo session, PollForm form, bool secure);
  void answer_empty(hub::EndReason reason);

  Answer answer_;
  hub::Shard& shard_;
  hub::ChannelHandle channel_;
  hub::ReaderHandle reader_;
  core::SessionNo session_;
  PollForm form_;
  bool secure_;
};

}  // namespace rogerthat::api
