// The webhook deliveries of one shard: what waits for its turn, what is under way, what became of
// the last ones. Lives here: order, times, bounds, and which records change. No requests (the api
// room makes them), no disk (the shard journals what this says).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  std::string error;   // why there was none
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
  static constexpr unsigned kPerHook = 4;  // attempts under way at a time, of one hook

  // What the shard must journal: put or delete the record of a delivery.
  struct Change {
    std::string id;
    const core::Delivery* put = nullptr;  // null: delete
  };

  // Waits from now on. The oldest of its hook goes when there are too many: `evicted`.
  void add(core::Delivery delivery, std::vector<std::string>& evicted);
  // The next one that is due and whose hook has an attempt to spare; it counts as under way until
  // settle(). Valid until then.
  const core::Delivery* take(Millis wall);
  // What the attempt came to. The changes to journal: of stored deliveries only. True: the hook is
  // gone (410) and to be disabled.
  void settle(std::string_view id, AttemptResult result, Millis wall, std::vector<Change>& changes);
  // Deliveries of a hook that was removed or disabled; those under way end with settle().
  void drop_hook(std::string_view hook, std::vector<Change>& changes);

  Millis next_due() const;  // wall; kNever: nothing waits. Hooks at their bound don't count.
  std::vector<DeliveryLogLine> log(std::string_view hook) const;  // newest first, the last 50
  std::size_t waiting() const;
  std::size_t under_way() const;
};

}  // namespace rogerthat::hub
