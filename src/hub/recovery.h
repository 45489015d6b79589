// Recovery: what the store kept becomes channels again. The same apply() as in production, once
// over the journal, off the shards' threads; the result is handed to each shard as a whole.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/account.h"
#include "core/audit.h"
#include "core/bans.h"
#include "core/webhook.h"
#include "hub/shard.h"
#include "store/store.h"

namespace rogerthat::hub {

class Rebuilder final : public store::Recovery {
 public:
  Rebuilder(std::uint32_t shard_count, Now now) : shard_count_(shard_count), now_(now) {}

  void numbers(const store::LifetimeCounters& counters, core::MessageId id_ceiling,
               store::Seq last_seq) override;
  void last_channel(core::ChannelNo no) override { last_channel_ = std::max(last_channel_, no); }
  void record(store::RecordKind kind, std::string_view key, std::string_view data) override;
  void channel(core::ChannelRecord record) override;
  void journal_row(store::Seq seq, core::ChannelNo channel, core::Event event) override;
  void transcript_sender(core::ChannelNo channel, std::string callsign) override;

  void add_bands(const std::vector<std::string>& names);  // where the directory has none

  // Webhooks and what waits for them, without those whose channel or account has gone.
  struct Hooks {
    std::vector<core::WebhookRecord> records;
    std::vector<std::vector<core::Delivery>> waiting;  // by shard
    std::vector<store::RecordChange> orphans;          // to be deleted
  };
  Hooks take_hooks();  // before take_directory() and take()

  core::DirectoryChanges take_directory() { return std::move(directory_); }
  std::vector<core::Ban> take_bans() { return std::move(bans_); }
  std::vector<core::AuditEntry> take_audit() { return std::move(audit_); }
  std::vector<std::unique_ptr<ChannelEntry>> take(std::uint32_t shard);
  core::MessageId id_ceiling() const { return id_ceiling_; }
  store::Seq last_seq() const { return last_seq_; }
  core::ChannelNo last_channel() const { return last_channel_; }
  const store::LifetimeCounters& counters() const { return counters_; }
  std::size_t channels() const { return entries_.size(); }
  std::size_t rows() const { return rows_; }

 private:
  ChannelEntry* find(core::ChannelNo no);

  std::uint32_t shard_count_;
  Now now_;
  std::unordered_map<core::ChannelNo, std::unique_ptr<ChannelEntry>> entries_;
  core::DirectoryChanges directory_;
  std::vector<core::Ban> bans_;
  std::vector<core::AuditEntry> audit_;  // in order
  std::vector<core::WebhookRecord> hooks_;
  std::vector<core::Delivery> deliveries_;
  std::unordered_set<std::string> bands_joined_;
  store::LifetimeCounters counters_;
  core::MessageId id_ceiling_ = 0;
  store::Seq last_seq_ = 0;
  core::ChannelNo last_channel_ = 0;
  std::size_t rows_ = 0;
};

}  // namespace rogerthat::hub
