// A receiver over a simulated connection: what the api room has for polls and streams.
#pragma once

#include <memory>

#include "hub/receiver.h"
#include "server.h"

namespace rogerthat::sim {

class SimReceiver final : public hub::Receiver {
 public:
  SimReceiver(Server& server, std::shared_ptr<Link> link, core::ReaderKind kind, std::size_t reader)
      : server_(server), link_(std::move(link)), kind_(kind), reader_(reader) {}

  void begins(const hub::ChannelEntry& entry, std::size_t backlog) override;
  bool deliver(const hub::Delivery& delivery) override;
  bool announce(const hub::Presence&) override { return true; }
  void ping() override;
  void end(hub::EndReason reason) override;
  bool acknowledged() const override;
  bool connected() const override;

  hub::ReaderHandle handle;
  std::size_t channel = 0;
  std::size_t reader() const { return reader_; }
  int asked() const { return asked_; }

 private:
  Server& server_;
  std::shared_ptr<Link> link_;
  core::ReaderKind kind_;
  std::size_t reader_;     // as the checker names it
  mutable int asked_ = 0;  // whether its answer has been acknowledged, so often
};

}  // namespace rogerthat::sim
