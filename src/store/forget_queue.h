// Which journal rows wait to be deleted. Collecting them, and giving them out as runs
// in rising order, so that a page of the journal is touched once and not once per row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "store/store.h"

namespace rogerthat::store {

struct SeqRun {
  Seq first = 0;
  Seq last = 0;  // included; everything between is to be deleted
};

class ForgetQueue {
 public:
  void add(std::span<const Seq> seqs);

  // The next run of at most `max` rows; nullopt when there is none.
  std::optional<SeqRun> take(std::int64_t max);
  void confirm();  // what was taken is deleted, durably
  void undo();     // it is not: it will be taken again

  std::size_t size() const { return fresh_.size() + sorted_.size() - taken_; }

 private:
  std::vector<Seq> fresh_;
  std::vector<Seq> sorted_;
  std::size_t confirmed_ = 0;  // of sorted_
  std::size_t taken_ = 0;
};

}  // namespace rogerthat::store
