#include "hub/accounts.h"

#include <memory>
#include <utility>

#include "hub/hub.h"
#include "store/record_codec.h"

namespace rogerthat::hub {

namespace {

// The callsign whose sessions must end with this change; empty: none.
std::string revoked_by(const core::Directory& directory, const core::DirectoryChange& change) {
  const auto* after = std::get_if<core::IdentityRecord>(&change);
  if (after == nullptr) return {};
  const core::IdentityRecord* before = directory.find_identity(after->callsign);
  if (before == nullptr) return {};
  const bool same = before->account == after->account && before->key_hash == after->key_hash;
  return same ? std::string() : after->callsign;
}

}  // namespace

void Accounts::change(std::uint32_t asking, Decide decide, Done<void> done) {
  auto revoked = std::make_shared<std::vector<std::string>>();
  directory_.change(
      [this, decide = std::move(decide), revoked](core::Directory& directory,
                                                  Millis wall) mutable -> Result<Records> {
        auto changes = decide(directory, wall);
        if (!changes) return std::unexpected(changes.error());
        Records records;
        for (const core::DirectoryChange& change : *changes) {
          if (std::string callsign = revoked_by(directory, change); !callsign.empty()) {
            revoked->push_back(std::move(callsign));
          }
          if (const auto* gone = std::get_if<core::AccountRemoved>(&change)) {
            hub_.webhooks().remove_all(gone->id);
          }
          records.push_back(store::encode_change(change));
        }
        directory.apply(*changes);
        return records;
      },
      [this, asking, revoked, done = std::move(done)](Result<void> stored) mutable {
        if (!stored || revoked->empty()) {
          return answer_on(hub_, asking, std::move(done), std::move(stored));
        }
        end_sessions(asking, std::move(*revoked), std::move(done), 0);
      });
}

// One shard after the other. Whoever joins there later asks the directory, which knows the key no
// more.
void Accounts::end_sessions(std::uint32_t asking, std::vector<std::string> callsigns,
                            Done<void> done, std::uint32_t shard) {
  if (shard == hub_.shard_count()) return answer_on(hub_, asking, std::move(done), {});
  hub_.post(shard, [this, asking, callsigns = std::move(callsigns), done = std::move(done),
                    shard]() mutable {
    Shard& here = hub_.shard(shard);
    for (const std::string& callsign : callsigns) here.end_identity(callsign);
    here.when_stored(
        [this, asking, callsigns = std::move(callsigns), done = std::move(done), shard]() mutable {
          end_sessions(asking, std::move(callsigns), std::move(done), shard + 1);
        });
  });
}

bool Accounts::is_handle(std::string_view callsign) const {
  return read([&](const core::Directory& directory) { return directory.is_taken(callsign); });
}

bool Accounts::holds(std::string_view callsign, std::string_view account) const {
  return read([&](const core::Directory& directory) {
    const core::IdentityRecord* identity = directory.find_identity(callsign);
    return identity != nullptr && identity->account == account;
  });
}

void Accounts::load(core::DirectoryChanges records) {
  directory_.load([&](core::Directory& directory) { directory.apply(records); });
}

}  // namespace rogerthat::hub
