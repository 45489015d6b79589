// How each server is asked for the same work: create channels, join readers, send, poll, stream.
// Lives here: the requests of every server under test, pre-built. No sockets of its own, no timing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/loop.h"

namespace rogerthat::bench {

struct Channel {
  std::string id;
  std::string token;
  std::string sender_session;
  std::vector<std::string> reader_sessions;
};

// A send whose text starts with a stamp: 19 digits that are written over before each sending.
struct SendRequest {
  std::string bytes;
  std::size_t stamp_at = 0;

  void stamp(Nanos value);
};

// The text of a message that a stamp is written into, and the request that holds such a text.
std::string stamped_text(std::size_t text_bytes);
SendRequest stamped(std::string bytes);

// Calls visit(Nanos) for every stamp in what a poll or a stream brought. A stamp that is cut off at
// the end of `bytes` is kept in `rest` for the next call.
template <class Visit>
void each_stamp(std::string& rest, std::string_view bytes, const Visit& visit);

class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::vector<Channel> create_channels(Loop& loop, std::size_t count, bool durable) = 0;
  virtual void join_senders(Loop& loop, std::vector<Channel>& channels) = 0;
  virtual void join_readers(Loop& loop, std::vector<Channel>& channels, std::size_t each) = 0;

  // The text is a stamp and filler, text_bytes long together, and goes to everybody.
  virtual SendRequest send_request(const Channel& channel, std::size_t text_bytes) const = 0;
  virtual std::string poll_request(const Channel& channel, std::size_t reader) const = 0;
  virtual std::string stream_request(const Channel& channel, std::size_t reader) const = 0;
  // The poll that continues after this answer.
  virtual std::string next_poll(const Channel& channel, std::size_t reader,
                                const Response& answer) const = 0;
};

// One for each channel.
std::vector<SendRequest> send_requests(const Peer& peer, const std::vector<Channel>& channels,
                                       std::size_t text_bytes);

std::unique_ptr<Peer> make_peer(std::string_view name, int port);  // rogerthat, nchan, echo

// Sends all requests over a few connections and gives the bodies in order. Any answer but 2xx is
// a Failure that shows it.
std::vector<std::string> ask_all(Loop& loop, const std::vector<std::string>& requests,
                                 std::size_t connections = 64);
// The same for whoever wants more than the body: called once for every request, in any order.
using OnAnswer = std::function<void(std::size_t request, const Response& response)>;
void ask_each(Loop& loop, const std::vector<std::string>& requests, const OnAnswer& on_answer,
              std::size_t connections = 64);

inline constexpr std::string_view kStampMark = "stamp:";
inline constexpr std::size_t kStampDigits = 19;

void keep_cut_stamp(std::string& rest, std::string_view tail);

template <class Visit>
void each_stamp(std::string& rest, std::string_view bytes, const Visit& visit) {
  std::string joined;
  if (!rest.empty()) {
    joined = std::move(rest);
    joined += bytes;
    rest.clear();
    bytes = joined;
  }
  const std::size_t whole = kStampMark.size() + kStampDigits;
  std::size_t at = 0;
  for (;;) {
    const std::size_t found = bytes.find(kStampMark, at);
    if (found == std::string_view::npos || found + whole > bytes.size()) break;
    Nanos value = 0;
    for (char digit : bytes.substr(found + kStampMark.size(), kStampDigits)) {
      value = value * 10 + (digit - '0');
    }
    visit(value);
    at = found + whole;
  }
  keep_cut_stamp(rest, bytes.substr(at));
}

}  // namespace rogerthat::bench
