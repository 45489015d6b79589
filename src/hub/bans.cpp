#include "hub/bans.h"

#include <memory>
#include <utility>

#include "hub/end_sessions.h"
#include "hub/hub.h"
#include "store/admin_codec.h"

namespace rogerthat::hub {

namespace {

std::optional<Error> refusal_of(const core::Ban* ban) {
  if (ban == nullptr) return std::nullopt;
  return core::refusal(*ban);
}

}  // namespace

std::optional<Error> Bans::of_address(const core::AddressBytes& address,
                                      std::string_view channel) const {
  if (no_addresses()) return std::nullopt;
  return read(
      [&](const core::BanBook& book) { return refusal_of(book.find_address(address, channel)); });
}

std::optional<Error> Bans::of(const core::Party& party) const {
  if (none()) return std::nullopt;
  return read([&](const core::BanBook& book) { return refusal_of(book.find(party)); });
}

void Bans::put(std::uint32_t asking, core::Ban ban, core::AuditEntry entry,
               Done<std::size_t> done) {
  auto made = std::make_shared<bool>(false);
  Ending ending{ban.target, EndReason::banned, ban.reason};
  book_.change(
      [this, made, ban = std::move(ban), entry = std::move(entry)](
          core::BanBook& book, Millis wall) mutable -> Result<Records> {
        Records records{store::encode_ban(ban)};
        if (auto put = book.put(std::move(ban)); !put) return std::unexpected(put.error());
        *made = true;
        count(book);
        hub_.audit().append(std::move(entry), wall, records);
        return records;
      },
      [this, asking, made, ending = std::move(ending),
       done = std::move(done)](Result<void> stored) mutable {
        if (!*made) {
          return hub_.post(asking, [done = std::move(done), error = stored.error()]() mutable {
            done(std::unexpected(std::move(error)));
          });
        }
        end_sessions(hub_, asking, std::move(ending),
                     [stored = std::move(stored), done = std::move(done)](std::size_t n) mutable {
                       if (stored) return done(n);
                       done(std::unexpected(std::move(stored.error())));
                     });
      });
}

void Bans::remove(std::uint32_t asking, core::Target target, core::AuditEntry entry,
                  Done<void> done) {
  book_.change(
      [this, target = std::move(target), entry = std::move(entry)](
          core::BanBook& book, Millis wall) mutable -> Result<Records> {
        if (!book.remove(target)) {
          return fail(ErrorCode::not_found, "There is no such ban.",
                      "GET /api/admin/bans lists them.");
        }
        count(book);
        Records records{store::remove_ban(target)};
        hub_.audit().append(std::move(entry), wall, records);
        return records;
      },
      [this, asking, done = std::move(done)](Result<void> stored) mutable {
        answer_on(hub_, asking, std::move(done), std::move(stored));
      });
}

void Bans::load(std::vector<core::Ban> bans) {
  book_.alter([&](core::BanBook& book) {
    for (core::Ban& ban : bans) (void)book.put(std::move(ban));
    count(book);
  });
}

void Bans::end_stale(Shard& shard) const {
  if (none()) return;
  shard.each_channel([&](ChannelEntry& entry) {
    shard.end_sessions(entry, [this](const core::Party& party) { return of(party).has_value(); },
                       EndReason::banned, {});
  });
}

void Bans::count(const core::BanBook& book) {
  count_.store(book.size(), std::memory_order_relaxed);
  addresses_.store(book.addresses(), std::memory_order_relaxed);
}

}  // namespace rogerthat::hub
