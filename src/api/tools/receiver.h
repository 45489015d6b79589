// A tool call that waits for messages: what PollReceiver is for a connection, for an MCP call.
// The way between the hub, which gives it messages or ends it, and the protocol, which
// says what became of the answer. What the answer looks like is known to the tools.
#pragma once

#include <memory>

#include "hub/receiver.h"
#include "hub/shard.h"
#include "mcp/call.h"

namespace rogerthat::api {

class CallReceiver : public mcp::ReplyFate, public hub::Receiver {
 public:
  // Answers at once, or waits with the call's stream open.
  static void start(std::unique_ptr<CallReceiver> receiver, hub::ChannelEntry& entry,
                    const hub::ReceiveRequest& request);

  // From the hub. deliver() and end() are the tools'.
  void begins(const hub::ChannelEntry&, std::size_t) override {}
  bool announce(const hub::Presence&) override { return true; }
  void ping() override {}
  bool acknowledged() const override { return reply_.acknowledged(); }
  bool connected() const override { return reply_.connected(); }

  // From the protocol.
  void cancelled() override;
  void handed_over(bool confirmed) override;
  void lost() override;

 protected:
  CallReceiver(mcp::Reply reply, hub::Shard& shard) : reply_(std::move(reply)), shard_(shard) {}

  mcp::Reply reply_;
  hub::Shard& shard_;

 private:
  hub::ReaderHandle reader_;
};

}  // namespace rogerthat::api
