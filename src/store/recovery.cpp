#include "store/recovery.h"

#include <unordered_set>

#include <fmt/format.h>

#include "base/log.h"
#include "store/channel_row.h"

namespace rogerthat::store {

namespace {

using Channels = std::unordered_set<core::ChannelNo>;

constexpr std::uint64_t kDamagedRowsLogged = 20;  // one by one; of more, only the sum

Result<void> recover_numbers(Database& database, Recovery& recovery) {
  auto numbers = database.prepare("SELECT key, value FROM meta");
  if (!numbers) return std::unexpected(numbers.error());
  LifetimeCounters counters;
  core::MessageId id_ceiling = 0;
  core::ChannelNo last_channel = 0;
  for (;;) {
    const auto row = numbers->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    const std::string_view key = numbers->text(0);
    const std::int64_t value = numbers->number(1);
    if (key == "channels_created") counters.channels_created = static_cast<std::uint64_t>(value);
    if (key == "joins_total") counters.joins_total = static_cast<std::uint64_t>(value);
    if (key == "messages_total") counters.messages_total = static_cast<std::uint64_t>(value);
    if (key == "started_at") counters.started_at = value;
    if (key == "id_ceiling") id_ceiling = value;
    if (key == "last_channel") last_channel = value;
  }
  const auto last_seq = database.number("SELECT max(seq) FROM journal");
  if (!last_seq) return std::unexpected(last_seq.error());
  recovery.numbers(counters, id_ceiling, *last_seq);
  recovery.last_channel(last_channel);
  return {};
}

Result<void> recover_records(Database& database, Recovery& recovery) {
  auto records = database.prepare("SELECT kind, key, data FROM records ORDER BY kind, key");
  if (!records) return std::unexpected(records.error());
  for (;;) {
    const auto row = records->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    recovery.record(static_cast<RecordKind>(records->number(0)), records->text(1),
                    records->text(2));
  }
}

Result<void> recover_channels(Database& database, Recovery& recovery, Channels& channels) {
  auto records = database.prepare(kSelectChannelsSql);
  if (!records) return std::unexpected(records.error());
  for (;;) {
    const auto row = records->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    auto record = read_channel(*records);
    if (!record) return std::unexpected(record.error());
    channels.insert(record->no);
    recovery.channel(std::move(*record));
  }
}

Result<void> recover_journal(Database& database, const EventCodec& codec, Recovery& recovery,
                             const Channels& channels, RecoveryReport& report) {
  auto rows = database.prepare("SELECT seq, channel, data FROM journal ORDER BY seq");
  if (!rows) return std::unexpected(rows.error());
  for (;;) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    const Seq seq = rows->number(0);
    const core::ChannelNo channel = rows->number(1);
    if (!channels.contains(channel)) {
      ++report.orphan_rows;
      continue;
    }
    auto event = codec.decode(rows->text(2), channel);
    if (event) {
      ++report.journal_rows;
      recovery.journal_row(seq, channel, std::move(*event));
      continue;
    }
    if (++report.damaged_rows <= kDamagedRowsLogged) {
      log(LogLevel::error, "journal row skipped",
          {{"seq", seq}, {"channel", channel}, {"reason", event.error().message}});
    }
  }
}

// Only lines of messages: who has merely joined may still send a first message.
Result<void> recover_transcript_senders(Database& database, Recovery& recovery) {
  auto senders = database.prepare(fmt::format(
      "SELECT DISTINCT channels.no, transcript.who FROM channels"
      " CROSS JOIN transcript INDEXED BY transcript_by_channel ON transcript.channel=channels.no"
      " WHERE channels.retention='{}' AND transcript.type={}",
      core::to_string(core::Retention::prompts),
      static_cast<int>(core::TranscriptEntry::Type::message)));
  if (!senders) return std::unexpected(senders.error());
  for (;;) {
    const auto row = senders->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    recovery.transcript_sender(senders->number(0), std::string(senders->text(1)));
  }
}

}  // namespace

Result<RecoveryReport> recover(Database& database, const EventCodec& codec, Recovery& recovery) {
  RecoveryReport report;
  Channels channels;
  if (auto done = recover_numbers(database, recovery); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = recover_records(database, recovery); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = recover_channels(database, recovery, channels); !done) {
    return std::unexpected(done.error());
  }
  report.channels = channels.size();
  if (auto done = recover_journal(database, codec, recovery, channels, report); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = recover_transcript_senders(database, recovery); !done) {
    return std::unexpected(done.error());
  }
  return report;
}

}  // namespace rogerthat::store
