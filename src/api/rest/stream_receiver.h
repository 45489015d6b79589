// An open event stream: writes what the hub gives it, exactly in the form that old clients parse.
// One stream, from its hello to its bye. The connection owns it.
#pragma once

#include "api/http/answer.h"
#include "hub/shard.h"
#include "net/exchange.h"

namespace rogerthat::api {

class StreamReceiver final : public net::Parked, public hub::Receiver {
 public:
  static void start(Answer answer, hub::Shard& shard, hub::ChannelEntry& entry,
                    const hub::ReceiveRequest& request);

  // From the hub.
  void begins(const hub::ChannelEntry& entry, std::size_t backlog) override;
  bool deliver(const hub::Delivery& delivery) override;
  bool announce(const hub::Presence& presence) override;
  void ping() override;
  void end(hub::EndReason reason) override;
  bool acknowledged() const override { return answer_.exchange().acknowledged(); }

  // From the net room.
  void peer_half_closed() override;
  void closed(bool acknowledged) override;
  void drained() override;

 private:
  StreamReceiver(Answer answer, hub::Shard& shard, core::SessionNo session);
  bool write(const net::SharedBytes& events);

  Answer answer_;
  hub::Shard& shard_;
  hub::ReaderHandle reader_;
  core::SessionNo session_;
  bool loop_warned_ = false;
};

}  // namespace rogerthat::api
