#include "support/readers.h"

#include <fmt/core.h>

namespace rogerthat::bench {
namespace {

// Connections opened before the server gets a turn: below any listen backlog.
constexpr std::size_t kBurst = 256;

}  // namespace

PollReaders::PollReaders(Loop& loop, const Peer& peer, const std::vector<Channel>& channels,
                         OnStamp on_stamp)
    : loop_(loop), peer_(peer), channels_(channels), on_stamp_(std::move(on_stamp)) {}

void PollReaders::park(const std::vector<ReaderSeat>& seats) {
  for (const ReaderSeat& seat : seats) {
    Connection& connection = loop_.open(*this);
    connection.tag = static_cast<std::uint32_t>(seats_.size());
    seats_.push_back(seat);
    loop_.send(connection, peer_.poll_request(channels_[seat.channel], seat.reader));
    if (seats_.size() % kBurst == 0) loop_.poll(now_ns() + kNanosPerMilli);
  }
}

void PollReaders::on_response(Connection& connection, const Response& response) {
  if (response.status != 200) {
    throw Failure(
        fmt::format("a poll was answered {} {:.300}", response.status, body_text(response)));
  }
  std::string rest;
  each_stamp(rest, response.body, [&](Nanos stamp) { on_stamp_(stamp, connection.arrived); });
  const ReaderSeat seat = seats_[connection.tag];
  loop_.send(connection, peer_.next_poll(channels_[seat.channel], seat.reader, response));
}

StreamReaders::StreamReaders(Loop& loop, const Peer& peer, const std::vector<Channel>& channels,
                             OnStamp on_stamp)
    : loop_(loop), peer_(peer), channels_(channels), on_stamp_(std::move(on_stamp)) {}

void StreamReaders::open(const std::vector<ReaderSeat>& seats) {
  const std::size_t wanted = answered_ + seats.size();
  std::size_t opened = 0;
  for (const ReaderSeat& seat : seats) {
    Connection& connection = loop_.open(*this, true);
    loop_.send(connection, peer_.stream_request(channels_[seat.channel], seat.reader));
    if (++opened % kBurst == 0) loop_.poll(now_ns() + kNanosPerMilli);
  }
  loop_.run_until_done([&] { return answered_ == wanted; }, 60 * kNanosPerSecond,
                       "the streams to open");
}

void StreamReaders::on_response(Connection&, const Response& response) {
  if (response.status != 200) {
    throw Failure(fmt::format("a stream was answered {}", response.status));
  }
  answered_++;
}

void StreamReaders::on_bytes(Connection& connection, std::string_view bytes) {
  each_stamp(connection.partial, bytes, [&](Nanos stamp) { on_stamp_(stamp, connection.arrived); });
}

std::vector<ReaderSeat> seats_of(const std::vector<Channel>& channels, std::size_t first,
                                 std::size_t last) {
  std::vector<ReaderSeat> seats;
  for (std::size_t channel = 0; channel < channels.size(); channel++) {
    for (std::size_t reader = first; reader < last; reader++) {
      seats.push_back({static_cast<std::uint32_t>(channel), static_cast<std::uint32_t>(reader)});
    }
  }
  return seats;
}

}  // namespace rogerthat::bench
