#include "hub/accounts.h"

#include <mutex>
#include <utility>

#include "hub/hub.h"
#include "store/record_codec.h"

namespace rogerthat::hub {

namespace {

constexpr std::uint32_t kOwner = 0;

Error not_stored() {
  return {ErrorCode::unavailable, "The disk refuses writes just now: this is not stored yet.",
          "Try again in a moment.", 1};
}

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
  hub_.post(kOwner, [this, asking, decide = std::move(decide), done = std::move(done)]() mutable {
    decide_on_owner(asking, std::move(decide), std::move(done));
  });
}

void Accounts::decide_on_owner(std::uint32_t asking, Decide decide, Done<void> done) {
  Shard& owner = hub_.shard(kOwner);
  if (!owner.store_healthy()) {
    answer(asking, std::move(done), std::unexpected(not_stored()));
    return;
  }
  std::vector<store::RecordChange> records;
  std::vector<std::string> revoked;
  {
    const std::unique_lock lock(mutex_);
    auto changes = decide(directory_, owner.now().wall);
    if (!changes) {
      answer(asking, std::move(done), std::unexpected(changes.error()));
      return;
    }
    for (const core::DirectoryChange& change : *changes) {
      if (std::string callsign = revoked_by(directory_, change); !callsign.empty()) {
        revoked.push_back(std::move(callsign));
      }
      records.push_back(store::encode_change(change));
    }
    directory_.apply(*changes);
  }
  owner.put_records(std::move(records), [this, asking, revoked = std::move(revoked),
                                         done = std::move(done)](bool stored) mutable {
    if (!done) return;
    auto reply = std::exchange(done, nullptr);
    if (!stored) return answer(asking, std::move(reply), std::unexpected(not_stored()));
    if (revoked.empty()) return answer(asking, std::move(reply), {});
    end_sessions(asking, std::move(revoked), std::move(reply), 0);
  });
}

// One shard after the other. Whoever joins there later asks the directory, which knows the key no
// more.
void Accounts::end_sessions(std::uint32_t asking, std::vector<std::string> callsigns,
                            Done<void> done, std::uint32_t shard) {
  if (shard == hub_.shard_count()) return answer(asking, std::move(done), {});
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

void Accounts::answer(std::uint32_t asking, Done<void> done, Result<void> result) {
  hub_.post(asking, [done = std::move(done), result = std::move(result)]() mutable {
    done(std::move(result));
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
  const std::unique_lock lock(mutex_);
  directory_.apply(records);
}

}  // namespace rogerthat::hub
