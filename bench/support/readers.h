// Connections that wait for messages: parked polls and streams. Lives here: parking them, parking
// them again, and telling the owner of every stamp that arrives.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/loop.h"
#include "support/peer.h"

namespace rogerthat::bench {

// Which reader of which channel a connection stands for.
struct ReaderSeat {
  std::uint32_t channel = 0;
  std::uint32_t reader = 0;
};

// `arrived`: when the kernel had it, where the loop notes that.
using OnStamp = std::function<void(Nanos stamp, Nanos arrived)>;

class PollReaders : public ConnectionHandler {
 public:
  PollReaders(Loop& loop, const Peer& peer, const std::vector<Channel>& channels, OnStamp on_stamp);
  void park(const std::vector<ReaderSeat>& seats);
  void on_response(Connection& connection, const Response& response) override;

 private:
  Loop& loop_;
  const Peer& peer_;
  const std::vector<Channel>& channels_;
  OnStamp on_stamp_;
  std::vector<ReaderSeat> seats_;
};

class StreamReaders : public ConnectionHandler {
 public:
  StreamReaders(Loop& loop, const Peer& peer, const std::vector<Channel>& channels,
                OnStamp on_stamp);
  void open(const std::vector<ReaderSeat>& seats);  // returns when all are answered
  void on_response(Connection& connection, const Response& response) override;
  void on_bytes(Connection& connection, std::string_view bytes) override;

 private:
  Loop& loop_;
  const Peer& peer_;
  const std::vector<Channel>& channels_;
  OnStamp on_stamp_;
  std::size_t answered_ = 0;
};

// Seats `first` to `last` of every channel.
std::vector<ReaderSeat> seats_of(const std::vector<Channel>& channels, std::size_t first,
                                 std::size_t last);

}  // namespace rogerthat::bench
