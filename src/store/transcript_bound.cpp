#include "store/transcript_bound.h"

#include <algorithm>
#include <utility>

namespace rogerthat::store {

const char* const kTranscriptWeightSql =
    "64 + length(CAST(who AS BLOB)) + length(CAST(to_ AS BLOB)) + length(CAST(text AS BLOB))";

std::uint64_t transcript_weight(const core::TranscriptEntry& entry) {
  return 64 + entry.who.size() + entry.to.size() + entry.text.size();
}

bool TranscriptBound::added(core::ChannelNo channel, std::uint64_t bytes) {
  Size& size = sizes_[channel];
  size.bytes += bytes;
  if (size.measured) {
    judge(channel, size);
    return false;
  }
  if (size.asked || stored_ + size.bytes <= bytes_max_) return false;
  size.asked = true;
  return true;
}

void TranscriptBound::measuring(core::ChannelNo channel) {
  const auto found = sizes_.find(channel);
  if (found != sizes_.end()) found->second.before = std::exchange(found->second.bytes, 0);
}

void TranscriptBound::measured(core::ChannelNo channel, std::optional<std::uint64_t> bytes) {
  const auto found = sizes_.find(channel);
  if (found == sizes_.end()) return;  // dropped meanwhile
  Size& size = found->second;
  size.asked = false;
  size.bytes += bytes.value_or(size.before);
  size.measured = bytes.has_value();
  if (size.measured) judge(channel, size);
}

void TranscriptBound::judge(core::ChannelNo channel, Size& size) {
  if (size.over || size.bytes <= bytes_max_) return;
  size.over = true;
  over_.push_back(channel);
}

void TranscriptBound::freed(core::ChannelNo channel, std::uint64_t bytes) {
  const auto found = sizes_.find(channel);
  if (found == sizes_.end()) return;
  Size& size = found->second;
  // Nothing freed: there is nothing left, whatever the count said.
  size.bytes = bytes == 0 ? 0 : size.bytes - std::min(size.bytes, bytes);
}

void TranscriptBound::taken_back(core::ChannelNo channel, std::uint64_t bytes) {
  const auto found = sizes_.find(channel);
  if (found == sizes_.end()) return;
  found->second.bytes += bytes;
  judge(channel, found->second);
}

void TranscriptBound::dropped(core::ChannelNo channel) {
  sizes_.erase(channel);
}

std::optional<TranscriptBound::Excess> TranscriptBound::next_excess() {
  while (!over_.empty()) {
    const core::ChannelNo channel = over_.front();
    const auto found = sizes_.find(channel);
    if (found != sizes_.end() && found->second.bytes > goal()) {
      return Excess{channel, found->second.bytes - goal()};
    }
    if (found != sizes_.end()) found->second.over = false;
    over_.pop_front();
  }
  return std::nullopt;
}

}  // namespace rogerthat::store
