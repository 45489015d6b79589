#include "store/transcript_reader.h"

#include <algorithm>

namespace rogerthat::store {

Result<std::vector<core::TranscriptEntry>> TranscriptReader::newest(core::ChannelNo channel,
                                                                    std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (auto done = open(); !done) return std::unexpected(done.error());
  auto entries = read(channel, limit);
  if (!entries) connection_.reset();
  return entries;
}

void TranscriptReader::close() {
  const std::lock_guard lock(mutex_);
  connection_.reset();
}

Result<void> TranscriptReader::open() {
  if (connection_) return {};
  auto database = held_.connect();
  if (!database) return std::unexpected(database.error());
  if (auto done = database->run("PRAGMA query_only=ON; PRAGMA cache_size=-1024"); !done) {
    return done;
  }
  auto newest = database->prepare(
      "SELECT ts, id, type, who, to_, text, bytes FROM transcript WHERE channel=?1"
      " ORDER BY seq DESC LIMIT ?2");
  if (!newest) return std::unexpected(newest.error());
  connection_ = std::make_unique<Connection>(Connection{std::move(*database), std::move(*newest)});
  return {};
}

Result<std::vector<core::TranscriptEntry>> TranscriptReader::read(core::ChannelNo channel,
                                                                  std::size_t limit) {
  std::vector<core::TranscriptEntry> entries;
  Statement& rows = connection_->newest;
  rows.start(channel, limit);
  for (;;) {
    const auto row = rows.next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    core::TranscriptEntry& entry = entries.emplace_back();
    entry.ts = rows.number(0);
    entry.id = rows.number(1);
    entry.type = static_cast<core::TranscriptEntry::Type>(rows.number(2));
    entry.who = rows.text(3);
    entry.to = rows.text(4);
    entry.text = rows.text(5);
    entry.bytes = static_cast<std::uint64_t>(rows.number(6));
  }
  rows.reset();
  std::ranges::reverse(entries);
  return entries;
}

}  // namespace rogerthat::store
