// The audit log while the hub runs: every act of the operator becomes a record and a line of the
// log. Owned by the first shard.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "core/audit.h"
#include "hub/shared_state.h"

namespace rogerthat::hub {

class Hub;

class Audit {
 public:
  explicit Audit(Hub& hub) : hub_(hub), log_(hub) {}

  // On the first shard: enters the act, and adds the records that make it last. The log line
  // follows in a turn of its own: whoever changes the bans holds their lock just now.
  void append(core::AuditEntry entry, Millis wall, Records& records);
  // Any thread. `done` runs on shard `asking`, once the entry is stored. An act is not undone
  // because the disk refuses: then `done` runs at once, and the entry is stored when the disk can.
  void add(std::uint32_t asking, core::AuditEntry entry, std::move_only_function<void()> done);

  // Any thread. `look` is quick, and keeps no reference into the log.
  template <class Look>
  auto read(Look look) const {
    return log_.read(std::move(look));
  }

  void load(std::vector<core::AuditEntry> entries);  // recovery, in order

 private:
  Hub& hub_;
  SharedState<core::AuditLog> log_;
};

}  // namespace rogerthat::hub
