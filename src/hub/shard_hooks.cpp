// Webhooks on a shard: what happens becomes deliveries, these wait for the commit and then for
// their turn. Of a durable channel each has a record, in the same batch as what it tells of; of a
// channel in memory none ever has.
#include <algorithm>
#include <utility>

#include "hub/shard.h"
#include "hub/webhooks.h"
#include "store/hook_codec.h"

namespace rogerthat::hub {

bool Shard::hooked(const ChannelEntry& entry) const {
  if (webhooks_ == nullptr || webhooks_->none()) return false;
  return hook_source_ != nullptr && !entry.record.options.band && !entry.closing;
}

void Shard::hook_message(ChannelEntry& entry, const core::Message& message) {
  if (!hooked(entry)) return;
  std::vector<core::Delivery> deliveries;
  hook_source_->message(entry, message, now_, deliveries);
  await_turn(entry, std::move(deliveries));
}

void Shard::hook_session(ChannelEntry& entry, std::string_view callsign, bool joined) {
  if (entry.record.options.inbox || !hooked(entry)) return;
  std::vector<core::Delivery> deliveries;
  hook_source_->session(entry, callsign, joined, now_, deliveries);
  await_turn(entry, std::move(deliveries));
}

void Shard::await_turn(ChannelEntry& entry, std::vector<core::Delivery> deliveries) {
  if (deliveries.empty()) return;
  const bool durable = entry.record.options.durable;
  for (core::Delivery& delivery : deliveries) {
    delivery.home = entry.record.id;
    delivery.created_at = delivery.due_at = now_.wall;
    delivery.seq = next_seq();
    delivery.attempts = 0;
    delivery.stored = durable;
    if (durable) batch_.records.push_back(store::encode_delivery(delivery));
  }
  if (!durable) {
    queue_deliveries(std::move(deliveries), true);
    return;
  }
  after_commit(entry, [this, handle = entry.handle,
                       deliveries = std::move(deliveries)](bool stored) mutable {
    if (stored) queue_deliveries(std::move(deliveries), find(handle) != nullptr);
  });
}

// Meanwhile the hook or the channel may have gone.
void Shard::queue_deliveries(std::vector<core::Delivery> deliveries, bool home_exists) {
  HookQueue::Changes changes;
  for (core::Delivery& delivery : deliveries) {
    if (home_exists && webhooks_->is_active(delivery.hook)) {
      deliveries_.add(std::move(delivery), now_, changes);
    } else if (delivery.stored) {
      changes.push_back({delivery.id, nullptr});
    }
  }
  journal_deliveries(changes);
  if (hook_source_ != nullptr) hook_source_->waiting();
}

// While the disk refuses, what waits for it grows. How often a delivery has been tried is not worth
// another copy of its body: after a crash just then it is tried as often again.
void Shard::journal_deliveries(const HookQueue::Changes& changes) {
  for (const HookQueue::Change& change : changes) {
    if (change.put != nullptr && !store_healthy_) continue;
    batch_.records.push_back(change.put == nullptr ? store::forget_delivery(change.id)
                                                   : store::encode_delivery(*change.put));
  }
}

const core::Delivery* Shard::take_delivery() {
  return draining_ ? nullptr : deliveries_.take(now_.steady);
}

bool Shard::settle_delivery(std::string_view id, AttemptResult result) {
  const bool delivered = result.verdict == core::DeliveryVerdict::delivered;
  ++stats_.hook_attempts;
  if (delivered) ++stats_.hook_deliveries;
  HookQueue::Changes changes;
  const bool gone = deliveries_.settle(id, std::move(result), now_, changes);
  if (!delivered) {
    journal_deliveries(changes);
    return gone;
  }
  // Nobody waits for its record to go, and a commit for its sake would stand in the way of the next
  // message. A crash before that delivers it again, under the same id, as one a moment earlier
  // would have.
  for (const HookQueue::Change& change : changes) {
    unhurried_.push_back(store::forget_delivery(change.id));
  }
  look_soon();
  return gone;
}

Millis Shard::deliveries_due() const {
  return draining_ ? HookQueue::kNever : deliveries_.next_due();
}

std::vector<DeliveryLogLine> Shard::delivery_log(std::string_view hook) const {
  return deliveries_.log(hook);
}

void Shard::stop_hook(std::string_view hook) {
  HookQueue::Changes changes;
  deliveries_.stop_hook(hook, changes);
  journal_deliveries(changes);
}

void Shard::drop_hook(std::string_view hook) {
  HookQueue::Changes changes;
  deliveries_.drop_hook(hook, changes);
  journal_deliveries(changes);
}

// The channel is being removed. Its hooks, which are in a book of the first shard's, follow when
// that is stored: a crash must not leave the channel without them.
void Shard::end_hooks(const ChannelEntry& entry) {
  HookQueue::Changes changes;
  deliveries_.drop_home(entry.record.id, changes);
  journal_deliveries(changes);
  if (webhooks_ == nullptr || webhooks_->none()) return;
  const bool has_hooks = webhooks_->read(
      [&](const core::HookBook& book) { return !book.of(entry.record.id).empty(); });
  if (!has_hooks) return;
  when_stored([this, id = entry.record.id] { webhooks_->remove_all(id); });
}

void Shard::adopt_deliveries(std::vector<core::Delivery> deliveries) {
  std::ranges::sort(deliveries, {}, [](const core::Delivery& each) {
    return std::pair(each.created_at, each.seq);
  });
  if (!deliveries.empty()) queue_deliveries(std::move(deliveries), true);
}

}  // namespace rogerthat::hub
