#include "hub/audit.h"

#include <memory>
#include <string>

#include "base/log.h"
#include "hub/hub.h"
#include "store/admin_codec.h"

namespace rogerthat::hub {

namespace {

void tell(const core::AuditEntry& entry) {
  const std::string whom =
      entry.target_kind ? std::string(core::to_string(*entry.target_kind)) + ' ' + entry.target
                        : std::string();
  log(LogLevel::info, "administrative act",
      {{"act", core::to_string(entry.act)}, {"target", whom}, {"channel", entry.channel}});
}

}  // namespace

void Audit::append(core::AuditEntry entry, Millis wall, Records& records) {
  entry.at = wall;
  const auto oldest = log_.alter([&](core::AuditLog& log) { return log.append(entry); });
  records.push_back(store::encode_audit(entry));
  if (oldest) records.push_back(store::remove_audit(*oldest));
  hub_.post(kOwnerShard, [entry = std::move(entry)] { tell(entry); });
}

void Audit::add(std::uint32_t asking, core::AuditEntry entry,
                std::move_only_function<void()> done) {
  hub_.post(kOwnerShard,
            [this, asking, entry = std::move(entry), done = std::move(done)]() mutable {
              Shard& owner = hub_.shard(kOwnerShard);
              Records records;
              append(std::move(entry), owner.now().wall, records);
              auto answer = [this, asking, done = std::move(done)](bool) mutable {
                if (done) hub_.post(asking, std::exchange(done, nullptr));
              };
              if (owner.store_healthy())
                return owner.put_records(std::move(records), std::move(answer));
              owner.put_records(std::move(records), [](bool) {});
              answer(false);
            });
}

void Audit::load(std::vector<core::AuditEntry> entries) {
  log_.alter([&](core::AuditLog& log) {
    for (core::AuditEntry& entry : entries) log.put(std::move(entry));
  });
}

}  // namespace rogerthat::hub
