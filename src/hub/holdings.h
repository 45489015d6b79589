// What the channels of a shard hold in memory, by kind, and which of them hold most. Channels are
// named by their slot and weighed when their ring has changed, so the sums are always at hand.
// What is to go when it is too much is decided in shard_memory.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/channel.h"
#include "hub/weight_classes.h"

namespace rogerthat::hub {

class Holdings {
 public:
  void weigh(std::uint32_t slot, const core::Channel& channel) {
    if (slot >= weighed_.size()) weighed_.resize(slot + 1);
    const core::ChannelOptions& options = channel.options();
    const core::Ring& ring = channel.ring();
    const Weight now{.bytes = static_cast<std::uint32_t>(ring.bytes()),
                     .attached = static_cast<std::uint32_t>(ring.attached_bytes()) & kAttachedMax,
                     .inbox = options.inbox};
    count(weighed_[slot], now);
    weighed_[slot] = now;
    if (options.inbox) return;
    rings_.set(slot, now.bytes);
    if (!options.durable) attachments_.set(slot, now.attached);
  }
  void forget(std::uint32_t slot) {
    if (slot >= weighed_.size()) return;
    count(weighed_[slot], {});
    weighed_[slot] = {};
    rings_.set(slot, 0);
    attachments_.set(slot, 0);
  }

  std::size_t total() const { return messages_ + attached_ + inboxes_; }
  std::size_t messages() const { return messages_; }  // of channels, without what is attached
  std::size_t attachments() const { return attached_; }
  std::size_t inboxes() const { return inboxes_; }

  const WeightClasses& rings() const { return rings_; }           // of all channels but inboxes
  const WeightClasses& attached() const { return attachments_; }  // of channels in memory

 private:
  struct Weight {  // a word for each channel: a ring holds a GiB at most, and its newest message
    std::uint32_t bytes = 0;
    std::uint32_t attached : 31 = 0;
    std::uint32_t inbox : 1 = 0;
  };
  static constexpr std::uint32_t kAttachedMax = (std::uint32_t{1} << 31) - 1;
  void count(const Weight& before, const Weight& now) {
    add(before, -1);
    add(now, 1);
  }
  void add(const Weight& weight, std::ptrdiff_t sign) {
    const auto by = [sign](std::size_t bytes) {
      return static_cast<std::size_t>(sign * static_cast<std::ptrdiff_t>(bytes));
    };
    if (weight.inbox) {
      inboxes_ += by(weight.bytes);
      return;
    }
    messages_ += by(weight.bytes - weight.attached);
    attached_ += by(weight.attached);
  }

  std::vector<Weight> weighed_;  // by slot
  std::size_t messages_ = 0;
  std::size_t attached_ = 0;
  std::size_t inboxes_ = 0;
  WeightClasses rings_;
  WeightClasses attachments_;
};

}  // namespace rogerthat::hub
