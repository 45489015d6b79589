#include "hub/accounts.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "core/names.h"
#include "hub/hub.h"
#include "store/record_codec.h"

namespace rogerthat::hub {

namespace {

// The identity that is revoked by this change; null: none is.
const core::IdentityRecord* revoked_by(const core::Directory& directory,
                                       const core::DirectoryChange& change) {
  const auto* after = std::get_if<core::IdentityRecord>(&change);
  if (after == nullptr) return nullptr;
  const core::IdentityRecord* before = directory.find_identity(after->callsign);
  if (before == nullptr) return nullptr;
  const bool same = before->account == after->account && before->key_hash == after->key_hash;
  return same ? nullptr : before;
}

}  // namespace

// What has lost its ground, and how far ending it has come.
struct Accounts::Revocation {
  struct Handle {
    std::string account, callsign;
  };
  std::vector<Handle> handles;
  std::uint32_t asking = 0;
  std::uint32_t shard = 0;
  std::size_t next = 0;  // of the handles, on this shard
  Result<void> stored;   // everything so far
};

void Accounts::change(std::uint32_t asking, Decide decide, Done<void> done) {
  auto revocation = std::make_shared<Revocation>();
  revocation->asking = asking;
  directory_.change(
      [this, decide = std::move(decide), revocation](core::Directory& directory,
                                                     Millis wall) mutable -> Result<Records> {
        auto changes = decide(directory, wall);
        if (!changes) return std::unexpected(changes.error());
        auto& revoked = revocation->handles;
        Records records;
        for (const core::DirectoryChange& change : *changes) {
          if (const core::IdentityRecord* identity = revoked_by(directory, change)) {
            revoked.push_back({identity->account, identity->callsign});
          }
          if (const auto* gone = std::get_if<core::AccountRemoved>(&change)) {
            hub_.webhooks().remove_all(gone->id);
            // Its identities that were deleted a moment ago may not have ended everywhere.
            for (const auto& other : under_way_) {
              std::ranges::copy_if(other->handles, std::back_inserter(revoked),
                                   [&](const auto& handle) { return handle.account == gone->id; });
            }
          }
          records.push_back(store::encode_change(change));
        }
        directory.apply(*changes);
        if (!revoked.empty()) under_way_.push_back(revocation);
        return records;
      },
      [this, revocation, done = std::move(done)](Result<void> stored) mutable {
        if (revocation->handles.empty()) {
          return answer_on(hub_, revocation->asking, std::move(done), std::move(stored));
        }
        // Also where the disk refuses: the change is made and counts, though nobody may rely on it
        // yet, and asking again might find nothing to revoke.
        revocation->stored = std::move(stored);
        end_next(std::move(revocation), std::move(done));
      });
}

// One shard after the other, and one callsign at a time: each walks over all channels, and others
// are served in between. Whoever joins there later asks the directory, which knows the key no more.
void Accounts::end_next(std::shared_ptr<Revocation> revocation, Done<void> done) {
  const std::uint32_t shard = revocation->shard;
  if (shard == hub_.shard_count()) return ended(std::move(revocation), std::move(done));
  hub_.post(shard, [this, revocation = std::move(revocation), done = std::move(done)]() mutable {
    Revocation& now = *revocation;
    Shard& here = hub_.shard(now.shard);
    if (now.next < now.handles.size()) {
      const std::string& callsign = now.handles[now.next++].callsign;
      here.end_identity(callsign);
      ChannelEntry* const inbox = here.find_inbox(callsign);
      if (inbox != nullptr && !has_owner(inbox->record.id)) here.remove(*inbox);
      return end_next(std::move(revocation), std::move(done));
    }
    ++now.shard;
    now.next = 0;
    here.when_stored(
        [this, &here, revocation = std::move(revocation), done = std::move(done)]() mutable {
          // After a crash just now the session would be there again, by a key that has ended.
          if (!here.store_healthy()) revocation->stored = std::unexpected(not_stored());
          end_next(std::move(revocation), std::move(done));
        });
  });
}

void Accounts::ended(std::shared_ptr<Revocation> revocation, Done<void> done) {
  hub_.post(kOwnerShard,
            [this, revocation = std::move(revocation), done = std::move(done)]() mutable {
              std::erase(under_way_, revocation);
              answer_on(hub_, revocation->asking, std::move(done), std::move(revocation->stored));
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

bool Accounts::has_owner(std::string_view inbox) const {
  const std::string_view handle = inbox.substr(core::inbox_name({}).size());
  return read(
      [&](const core::Directory& directory) { return directory.find_identity(handle) != nullptr; });
}

void Accounts::load(core::DirectoryChanges records) {
  directory_.alter([&](core::Directory& directory) { directory.apply(records); });
}

}  // namespace rogerthat::hub
