#include "hub/recovery.h"

#include <algorithm>
#include <unordered_set>

#include "base/log.h"
#include "store/admin_codec.h"
#include "store/hook_codec.h"
#include "store/record_codec.h"

namespace rogerthat::hub {

void Rebuilder::numbers(const store::LifetimeCounters& counters, core::MessageId id_ceiling,
                        store::Seq last_seq) {
  counters_ = counters;
  id_ceiling_ = id_ceiling;
  last_seq_ = last_seq;
}

void Rebuilder::record(store::RecordKind kind, std::string_view key, std::string_view data) {
  const auto keep = [&](auto decoded, auto& into) {
    if (decoded) {
      into.emplace_back(std::move(*decoded));
    } else {
      log(LogLevel::error, "record skipped", {{"reason", decoded.error().message}});
    }
  };
  if (kind == store::RecordKind::account) keep(store::decode_account(key, data), directory_);
  if (kind == store::RecordKind::identity) keep(store::decode_identity(key, data), directory_);
  if (kind == store::RecordKind::ban) keep(store::decode_ban(key, data), bans_);
  if (kind == store::RecordKind::audit) keep(store::decode_audit(key, data), audit_);
  if (kind == store::RecordKind::webhook) keep(store::decode_webhook(key, data), hooks_);
  if (kind == store::RecordKind::band) bands_joined_.emplace(key);
  if (kind == store::RecordKind::delivery) keep(store::decode_delivery(key, data), deliveries_);
}

void Rebuilder::channel(core::ChannelRecord record) {
  last_channel_ = std::max(last_channel_, record.no);
  const core::ChannelNo no = record.no;
  // What was in memory only is gone: whoever joins, or names an older position, is told so.
  const bool lost = !record.options.durable && record.ever_joined;
  const core::MessageId lost_through = lost ? id_ceiling_ : 0;
  core::Channel channel(record.options, id_ceiling_, lost_through);
  entries_.insert_or_assign(no,
                            std::make_unique<ChannelEntry>(std::move(record), std::move(channel)));
}

ChannelEntry* Rebuilder::find(core::ChannelNo no) {
  const auto found = entries_.find(no);
  return found == entries_.end() ? nullptr : found->second.get();
}

void Rebuilder::journal_row(store::Seq seq, core::ChannelNo channel, core::Event event) {
  last_seq_ = std::max(last_seq_, seq);
  ChannelEntry* entry = find(channel);
  if (entry == nullptr) return;
  ++rows_;
  if (auto* posted = std::get_if<core::Posted>(&event)) {
    posted->message.seq = seq;
  } else {
    entry->state_rows.push_back(seq);
  }
  entry->channel.apply(std::move(event), now_);
}

void Rebuilder::transcript_sender(core::ChannelNo channel, std::string callsign) {
  if (ChannelEntry* entry = find(channel)) entry->channel.mark_spoke(callsign);
}

void Rebuilder::add_bands(const std::vector<std::string>& names) {
  core::ChannelNo no = 0;  // bands are never stored: numbers below any of the store's
  for (const std::string& name : names) {
    core::ChannelRecord record;
    record.id = name;
    record.options.band = true;
    record.created_at = now_.wall;
    record.ever_joined = bands_joined_.contains(name);
    core::Channel channel(record.options, id_ceiling_, record.ever_joined ? id_ceiling_ : 0);
    auto entry = std::make_unique<ChannelEntry>(std::move(record), std::move(channel));
    entries_.insert_or_assign(--no, std::move(entry));
  }
}

Rebuilder::Hooks Rebuilder::take_hooks() {
  Hooks out;
  out.waiting.resize(shard_count_);
  if (hooks_.empty() && deliveries_.empty()) return out;
  std::unordered_set<std::string_view> owners;
  for (const auto& [no, entry] : entries_) owners.insert(entry->record.id);
  for (const core::DirectoryChange& change : directory_) {
    if (const auto* account = std::get_if<core::AccountRecord>(&change)) owners.insert(account->id);
  }
  std::unordered_set<std::string> live;
  for (core::WebhookRecord& hook : hooks_) {
    if (owners.contains(hook.owner())) {
      if (hook.active) live.insert(hook.id);
      out.records.push_back(std::move(hook));
    } else {
      out.orphans.push_back(store::forget_webhook(hook.id));
    }
  }
  for (core::Delivery& delivery : deliveries_) {
    if (live.contains(delivery.hook) && owners.contains(delivery.home)) {
      out.waiting[shard_of(delivery.home, shard_count_)].push_back(std::move(delivery));
    } else {
      out.orphans.push_back(store::forget_delivery(delivery.id));
    }
  }
  hooks_.clear();
  deliveries_.clear();
  return out;
}

std::vector<std::unique_ptr<ChannelEntry>> Rebuilder::take(std::uint32_t shard) {
  std::vector<std::unique_ptr<ChannelEntry>> mine;
  for (auto& [no, entry] : entries_) {
    if (!entry || shard_of(entry->record.id, shard_count_) != shard) continue;
    entry->channel.end_recovery();
    mine.push_back(std::move(entry));
  }
  std::ranges::sort(mine, [](const auto& a, const auto& b) { return a->record.id < b->record.id; });
  return mine;
}

}  // namespace rogerthat::hub
