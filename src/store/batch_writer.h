// Batches as one transaction. What a queued batch weighs, how many go together, and the
// order in which their parts are written. No commit and no retry.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/error.h"
#include "store/store.h"
#include "store/write_connection.h"

namespace rogerthat::store {

struct QueuedBatch {
  explicit QueuedBatch(Batch b);

  Batch batch;
  std::size_t rows = 0;
  std::size_t bytes = 0;
};

class BatchWriter {
 public:
  // How many from the front make the next transaction: at least one, each whole.
  static std::size_t choose(const std::deque<QueuedBatch>& pending, bool small);

  // Within a transaction.
  Result<void> write(WriteConnection& to, const std::deque<QueuedBatch>& pending,
                     std::size_t count);

 private:
  Result<void> write_journal(WriteConnection& to, const std::deque<QueuedBatch>& pending,
                             std::size_t count);

  std::vector<const JournalRow*> journal_order_;  // kept for its memory
};

}  // namespace rogerthat::store
