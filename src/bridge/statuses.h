// Working signals that a channel's stream has brought between two receives. The hub keeps none of
// them, and has told their senders that they have arrived: so they are kept here until a receive
// has shown them. Bounded: of more than a few the oldest go.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/incoming.h"

namespace rogerthat::bridge {

class Statuses {
 public:
  static constexpr std::size_t kKept = 50;

  // `json`: as the hub tells it. One that an answer has brought already is passed over.
  void add(const client::Incoming& status, std::string_view json);
  // These have been shown: by an answer of the hub, or by one of ours.
  void shown(std::span<const std::int64_t> ids);

  struct Status {
    client::Incoming message;
    std::string json;
  };
  const std::deque<Status>& waiting() const { return waiting_; }

 private:
  std::deque<Status> waiting_;
  std::deque<std::int64_t> shown_;  // the last of them: an answer may overtake the stream
};

}  // namespace rogerthat::bridge
