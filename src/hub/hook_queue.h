// The webhook deliveries of one shard: what waits for its turn, what is under way, what became of
// the last ones. Order, times, bounds, and which records change. No requests (the api
// room makes them), no disk (the shard journals what this says).
//
// Hooks take turns, so that none of them waits for another's ten thousand. A hook whose last
// attempt failed or was slow gets one attempt at a time, and all of those together at most half of
// what may be under way: whoever does not answer holds up nobody else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "core/webhook.h"

namespace rogerthat::hub {

// How a delivery stands, for GET …/deliveries. Nothing of its content.
struct DeliveryLogLine {
  std::string id;
  core::HookEvent event = core::HookEvent::message_received;
  enum class State : std::uint8_t { delivered, waiting, failed } state = State::waiting;
  int status = 0;      // of the last attempt; 0: no answer
  std::string error;   // why there was none, or why it was given up
  Millis latency = 0;  // of the last attempt
  unsigned attempts = 0;
  Millis created_at = 0, attempted_at = 0, next_at = 0;  // wall; 0: none
};

struct AttemptResult {
  core::DeliveryVerdict verdict = core::DeliveryVerdict::retry;
  int status = 0;
  std::string error;
  Millis latency = 0;
};

class HookQueue {
 public:
  static constexpr unsigned kPerHook = 4;       // attempts under way at a time, of one hook
  static constexpr unsigned kUnderWayMax = 64;  // ... of all
  static constexpr unsigned kTroubledMax = 32;  // ... of those in trouble
  static constexpr Millis kSlow = 2 * kSecond;  // a hook whose attempt took as long is in trouble
  static constexpr std::size_t kBytesMax = 512 << 20;  // of all bodies that wait, on all shards
  static constexpr Millis kNever = std::numeric_limits<Millis>::max();

  // What the shard must journal: put or delete the record of a delivery.
  struct Change {
    std::string id;
    const core::Delivery* put = nullptr;  // null: delete; valid until the next call
  };
  using Changes = std::vector<Change>;  // of stored deliveries only

  explicit HookQueue(std::size_t bytes_max = kBytesMax);  // of bodies that wait here
  ~HookQueue();
  HookQueue(const HookQueue&) = delete;
  HookQueue& operator=(const HookQueue&) = delete;

  // Waits from now on, for its due_at, though never longer than a pause between attempts can be:
  // the clock may have been ahead. Where there are too many the oldest go.
  void add(core::Delivery delivery, Now now, Changes& changes);
  // The next one that is due and whose hook has an attempt to spare; it counts as under way until
  // settle(). Valid until then.
  const core::Delivery* take(Millis steady);
  // What the attempt came to. True: the hook's receiver has gone (410), it is to be disabled; what
  // waited for it has been dropped.
  bool settle(std::string_view id, AttemptResult result, Now now, Changes& changes);
  // Nothing goes to this hook any more; its log is kept. Attempts under way end with settle().
  void stop_hook(std::string_view hook, Changes& changes);
  // ... and its log is forgotten: it was removed.
  void drop_hook(std::string_view hook, Changes& changes);
  // What comes from a channel or inbox that has been removed.
  void drop_home(std::string_view home, Changes& changes);

  // Steady; 0: one can be taken at once; kNever: nothing waits. Hooks at their bound don't count:
  // they are looked at when an attempt is settled.
  Millis next_due() const;
  std::vector<DeliveryLogLine> log(std::string_view hook) const;  // newest first, the last 50
  std::size_t waiting() const { return waiting_; }
  std::size_t waiting_bytes() const { return bytes_; }
  std::size_t under_way() const { return under_way_.size(); }
  std::uint64_t evicted() const { return evicted_; }

 private:
  struct Item {
    core::Delivery delivery;
    Millis due = 0;                                                   // steady
    std::multimap<Millis, std::list<Item>::iterator>::iterator turn;  // while it waits
    bool under_way = false;
    bool troubled = false;  // under way, and counted among those in trouble
    bool dropped = false;   // under way, and needed no more
  };
  using Items = std::list<Item>;
  struct Hook;

  using Homes = std::map<std::string, std::map<Hook*, std::size_t>, std::less<>>;

  bool may_start(const Hook& hook) const;
  void line_up(Hook& hook, Millis steady);  // where it belongs, now that something has changed
  void reschedule(Hook& hook);
  const core::Delivery* start(Hook& hook, Millis steady);
  void wait(Hook& hook, Items::iterator item);
  void wait_no_more(Hook& hook, Items::iterator item);
  void erase(Hook& hook, Items::iterator item);
  void drop(Hook& hook, Items::iterator item, std::string_view why, Changes& changes);
  bool evict_oldest(Hook& hook, Changes& changes);
  void make_room(Hook& hook, Changes& changes);
  void forget_if_done(Hook& hook);

  const std::size_t bytes_max_;
  std::map<std::string, std::unique_ptr<Hook>, std::less<>> hooks_;
  Homes homes_;  // how many deliveries each hook has from each
  std::map<std::string_view, std::pair<Hook*, Items::iterator>> under_way_;  // by id
  // Hooks that could, by when their next one is due and by their number.
  std::set<std::tuple<Millis, std::uint64_t, Hook*>> schedule_;
  std::deque<Hook*> ready_[2];  // ... whose next is due: sound, in trouble
  unsigned troubled_ = 0;       // attempts under way of hooks in trouble
  bool troubled_last_ = false;
  std::size_t waiting_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t evicted_ = 0;
  std::uint64_t hooks_seen_ = 0;
};

}  // namespace rogerthat::hub
