#include "store/cleaner.h"

#include <utility>

namespace rogerthat::store {

namespace {

// Between steps the clock is read. A row may have half a megabyte, all of it to be overwritten.
constexpr std::int64_t kRowsPerStep = 16;
constexpr int kLinesPerStep = 64;

}  // namespace

void Cleaner::drop_transcript(core::ChannelNo channel) {
  bound_.dropped(channel);
  dropped_.push_back(channel);
}

Result<void> Cleaner::slice(WriteConnection& connection, Clock::time_point deadline) {
  do {
    const auto more = step(connection);
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  } while (Clock::now() < deadline);
  return {};
}

Result<bool> Cleaner::step(WriteConnection& connection) {
  if (const auto run = forget_.take(kRowsPerStep)) {
    if (auto done = connection.forget(*run); !done) return std::unexpected(done.error());
    forgotten_ += static_cast<std::size_t>(run->last - run->first) + 1;
    return true;
  }
  if (dropped_done_ < dropped_.size()) {
    const auto lines = connection.drop_transcript(dropped_[dropped_done_], kLinesPerStep);
    if (!lines) return std::unexpected(lines.error());
    if (*lines < kLinesPerStep) ++dropped_done_;
    return true;
  }
  if (const auto excess = bound_.next_excess()) {
    const auto freed = connection.trim_transcript(excess->channel, excess->bytes, kLinesPerStep);
    if (!freed) return std::unexpected(freed.error());
    bound_.freed(excess->channel, *freed);
    freed_.push_back({excess->channel, *freed});
    return true;
  }
  return false;
}

std::size_t Cleaner::confirm() {
  forget_.confirm();
  dropped_.erase(dropped_.begin(), dropped_.begin() + static_cast<std::ptrdiff_t>(dropped_done_));
  dropped_done_ = 0;
  freed_.clear();
  return std::exchange(forgotten_, 0);
}

void Cleaner::undo() {
  forget_.undo();
  dropped_done_ = 0;
  for (const Freed& each : freed_) bound_.taken_back(each.channel, each.bytes);
  freed_.clear();
  forgotten_ = 0;
}

}  // namespace rogerthat::store
