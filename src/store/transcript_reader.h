// Reading transcripts while others write. A connection for it, one reader at a time.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "base/error.h"
#include "store/held_database.h"
#include "store/store.h"

namespace rogerthat::store {

class TranscriptReader {
 public:
  explicit TranscriptReader(const HeldDatabase& held) : held_(held) {}

  // Any thread that may block.
  Result<std::vector<core::TranscriptEntry>> newest(core::ChannelNo channel, std::size_t limit);
  void close();

 private:
  struct Connection {
    Database database;
    Statement newest;
  };
  Result<void> open();
  Result<std::vector<core::TranscriptEntry>> read(core::ChannelNo channel, std::size_t limit);

  const HeldDatabase& held_;
  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace rogerthat::store
