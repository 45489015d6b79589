// How much of each channel's transcript is kept. The counting. The lines themselves are
// deleted by the cleaner, and measured by the housekeeper.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

#include "core/event.h"
#include "core/types.h"

namespace rogerthat::store {

// What a line counts for, as a value and in SQL: its texts and something for the rest.
std::uint64_t transcript_weight(const core::TranscriptEntry& entry);
extern const char* const kTranscriptWeightSql;

class TranscriptBound {
 public:
  // `stored`: no transcript is larger than this now (the size of the database).
  TranscriptBound(std::uint64_t bytes_max, std::uint64_t stored)
      : bytes_max_(bytes_max), stored_(stored) {}

  // True: the channel may be over the bound, and what it had before this life of the process has
  // to be measured. Lines added from now on, up to measuring(), are part of what is measured.
  bool added(core::ChannelNo channel, std::uint64_t bytes);
  void measuring(core::ChannelNo channel);
  // nullopt: it could not be read, a later line asks again.
  void measured(core::ChannelNo channel, std::optional<std::uint64_t> bytes);
  void freed(core::ChannelNo channel, std::uint64_t bytes);
  void taken_back(core::ChannelNo channel, std::uint64_t bytes);  // it was not freed after all
  void dropped(core::ChannelNo channel);

  // A channel over the bound and by how much it should shrink: a sixteenth below the bound, so
  // that not every line costs a deletion.
  struct Excess {
    core::ChannelNo channel = 0;
    std::uint64_t bytes = 0;
  };
  std::optional<Excess> next_excess();
  bool any_excess() const { return !over_.empty(); }

 private:
  struct Size {
    std::uint64_t bytes = 0;   // while it is being measured: added since
    std::uint64_t before = 0;  // what was known when that began
    bool measured = false;
    bool asked = false;  // to be measured
    bool over = false;   // it is in over_
  };
  void judge(core::ChannelNo channel, Size& size);
  std::uint64_t goal() const { return bytes_max_ - bytes_max_ / 16; }

  std::uint64_t bytes_max_;
  std::uint64_t stored_;
  std::unordered_map<core::ChannelNo, Size> sizes_;
  std::deque<core::ChannelNo> over_;
};

}  // namespace rogerthat::store
