// The directory of accounts while the hub runs: looking at it, changing it, and ending
// the sessions that a change has taken the ground from.
//
// What a change has revoked opens nothing from the moment the change is made. It is answered when
// it is on stable storage and no session lives by what it has revoked.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "core/command.h"
#include "core/directory.h"
#include "hub/shard.h"
#include "hub/shared_state.h"

namespace rogerthat::hub {

class Hub;

class Accounts final : public core::Handles {
 public:
  explicit Accounts(Hub& hub) : hub_(hub), directory_(hub) {}

  bool is_handle(std::string_view callsign) const override;

  // Any thread. `look` is quick, and keeps no reference into the directory.
  template <class Look>
  auto read(Look look) const {
    return directory_.read(std::move(look));
  }

  // Called on the first shard with the directory as it is just then.
  using Decide =
      std::move_only_function<Result<core::DirectoryChanges>(const core::Directory&, Millis wall)>;
  // `done` is called on shard `asking`.
  void change(std::uint32_t asking, Decide decide, Done<void> done);

  // Whether a session that was given to this identity may still live by it.
  bool holds(std::string_view callsign, std::string_view account) const;

  bool has_owner(std::string_view inbox) const;  // the inbox of that name; retired handles own none

  // Recovery: before any shard serves.
  void load(core::DirectoryChanges records);

 private:
  struct Revocation;
  void end_next(std::shared_ptr<Revocation> revocation, Done<void> done);
  void ended(std::shared_ptr<Revocation> revocation, Done<void> done);

  Hub& hub_;
  SharedState<core::Directory> directory_;
  // The first shard's: what is being ended just now.
  std::vector<std::shared_ptr<Revocation>> under_way_;
};

}  // namespace rogerthat::hub
