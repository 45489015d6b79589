// The bans while the hub runs: asking whether one applies, which costs one load where there is
// none, and changing them. Joins ask on the shard; requests ask where they come in.
#pragma once

#include <atomic>
#include <optional>
#include <string_view>
#include <vector>

#include "core/audit.h"
#include "core/bans.h"
#include "hub/shared_state.h"

namespace rogerthat::hub {

class Hub;

class Bans {
 public:
  explicit Bans(Hub& hub) : hub_(hub), book_(hub) {}

  // Any thread. What somebody who is banned is told; nullopt: nothing.
  std::optional<Error> of_address(const core::AddressBytes& address,
                                  std::string_view channel) const;
  std::optional<Error> of(const core::Party& party) const;
  bool none() const { return count_.load(std::memory_order_relaxed) == 0; }
  bool no_addresses() const { return addresses_.load(std::memory_order_relaxed) == 0; }

  // Any thread, as Owned::read().
  template <class Look>
  auto read(Look look) const {
    return book_.read(std::move(look));
  }

  // A change and what the audit log says of it are stored as one. `done` is called on shard
  // `asking`. A ban has ended the sessions that it is for by then, and says how many: also where
  // the disk refuses, for it counts from the moment it is made.
  void put(std::uint32_t asking, core::Ban ban, core::AuditEntry entry, Done<std::size_t> done);
  void remove(std::uint32_t asking, core::Target target, core::AuditEntry entry, Done<void> done);

  void load(std::vector<core::Ban> bans);  // recovery
  // A crash may have come between a ban and the end of the sessions that it is for.
  void end_stale(Shard& shard) const;

 private:
  void count(const core::BanBook& book);

  Hub& hub_;
  SharedState<core::BanBook> book_;
  std::atomic<std::size_t> count_{0};
  std::atomic<std::size_t> addresses_{0};
};

}  // namespace rogerthat::hub
