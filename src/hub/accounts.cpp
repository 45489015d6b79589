#include "hub/accounts.h"

#include <memory>
#include <utility>

#include "core/names.h"
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
        if (revoked->empty()) return answer_on(hub_, asking, std::move(done), std::move(stored));
        // Also where the disk refuses: the change is made and counts, though nobody may rely on it
        // yet, and asking again might find nothing to revoke.
        auto revocation =
            std::make_shared<Revocation>(asking, std::move(*revoked), std::move(stored));
        end_next(std::move(revocation), std::move(done));
      });
}

// What has lost its ground, and how far ending it has come.
struct Accounts::Revocation {
  std::uint32_t asking;
  std::vector<std::string> callsigns;
  std::uint32_t shard = 0;
  std::size_t next = 0;  // of the callsigns, on this shard
  Result<void> stored;   // everything so far

  Revocation(std::uint32_t asked_on, std::vector<std::string> revoked, Result<void> first)
      : asking(asked_on), callsigns(std::move(revoked)), stored(std::move(first)) {}
};

// One shard after the other, and one callsign at a time: each walks over all channels, and others
// are served in between. Whoever joins there later asks the directory, which knows the key no more.
void Accounts::end_next(std::shared_ptr<Revocation> revocation, Done<void> done) {
  const Revocation& at = *revocation;
  if (at.shard == hub_.shard_count()) {
    return answer_on(hub_, at.asking, std::move(done), at.stored);
  }
  hub_.post(at.shard, [this, revocation = std::move(revocation), done = std::move(done)]() mutable {
    Revocation& now = *revocation;
    Shard& here = hub_.shard(now.shard);
    if (now.next < now.callsigns.size()) {
      const std::string& callsign = now.callsigns[now.next++];
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
  directory_.load([&](core::Directory& directory) { directory.apply(records); });
}

}  // namespace rogerthat::hub
