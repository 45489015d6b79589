#include "store/forget_queue.h"

#include <algorithm>

namespace rogerthat::store {

void ForgetQueue::add(std::span<const Seq> seqs) {
  fresh_.insert(fresh_.end(), seqs.begin(), seqs.end());
}

std::optional<SeqRun> ForgetQueue::take(std::int64_t max) {
  if (taken_ == sorted_.size()) {
    // Only when all that was taken is confirmed may it be thrown away.
    if (confirmed_ != taken_ || fresh_.empty()) return std::nullopt;
    sorted_.clear();
    sorted_.swap(fresh_);
    std::ranges::sort(sorted_);
    const auto same = std::ranges::unique(sorted_);
    sorted_.erase(same.begin(), same.end());
    confirmed_ = taken_ = 0;
  }
  SeqRun run{sorted_[taken_], sorted_[taken_]};
  ++taken_;
  while (taken_ < sorted_.size() && sorted_[taken_] == run.last + 1 &&
         run.last - run.first + 1 < max) {
    ++run.last;
    ++taken_;
  }
  return run;
}

void ForgetQueue::confirm() {
  confirmed_ = taken_;
}

void ForgetQueue::undo() {
  taken_ = confirmed_;
}

}  // namespace rogerthat::store
