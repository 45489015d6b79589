// Webhooks while the hub runs: the book of hooks that all shards look at, and what a shard needs to
// turn what happens on it into deliveries.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "core/hook_book.h"
#include "core/message.h"
#include "hub/shared_state.h"

namespace rogerthat::hub {

// Turns what happens on a shard into deliveries, and hears when some wait. One per shard,
// implemented where the wire is known (the api room). Called on the shard's thread. Of a delivery
// it gives id, hook, event and body.
class HookSource {
 public:
  virtual ~HookSource() = default;
  // A message, never a status, has been posted (in a durable channel: it is not stored yet). `home`
  // may be an inbox; never a band.
  virtual void message(const ChannelEntry& home, const core::Message& message, Now now,
                       std::vector<core::Delivery>& deliveries) = 0;
  // ... on a channel, never in an inbox.
  virtual void session(const ChannelEntry& home, std::string_view callsign, bool joined, Now now,
                       std::vector<core::Delivery>& deliveries) = 0;
  // Deliveries wait in the shard's queue. Often called; cheap.
  virtual void waiting() = 0;
};

class Webhooks {
 public:
  explicit Webhooks(Hub& hub) : hub_(hub), book_(hub) {}

  // Any thread, as Owned::read().
  template <class Look>
  auto read(Look look) const {
    return book_.read(std::move(look));
  }
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  bool none() const { return count() == 0; }  // nothing needs to be looked up

  // `done` is called on shard `asking`, when it is stored. Not found: its channel or account has
  // gone meanwhile.
  void add(std::uint32_t asking, core::WebhookRecord hook, Done<void> done);
  void rotate(std::uint32_t asking, std::string owner, std::string id,
              Done<core::WebhookRecord> done);
  // What still waits for it is dropped on every shard before it is answered.
  void remove(std::uint32_t asking, std::string owner, const std::string& id, Done<void> done);
  void remove_all(std::string owner);         // its channel or account has gone
  void disable(const std::string& id);        // its receiver has gone
  bool is_active(std::string_view id) const;  // any thread

  void load(std::vector<core::WebhookRecord> hooks);  // recovery

 private:
  void forget_on(std::uint32_t shard, std::vector<std::string> ids,
                 std::move_only_function<void()> done);

  Hub& hub_;
  SharedState<core::HookBook> book_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace rogerthat::hub
