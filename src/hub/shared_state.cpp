#include "hub/shared_state.h"

#include "hub/hub.h"
#include "hub/once.h"

namespace rogerthat::hub {

Error not_stored() {
  return {ErrorCode::unavailable, "The disk refuses writes just now: this is not stored yet.",
          "Try again in a moment.", 1};
}

void change_on_owner(Hub& hub, std::move_only_function<Result<Records>(Millis wall)> decide,
                     Done<void> done) {
  hub.post(kOwnerShard, [&hub, decide = std::move(decide), done = std::move(done)]() mutable {
    Shard& owner = hub.shard(kOwnerShard);
    const bool healthy = owner.store_healthy();
    auto records = healthy ? decide(owner.now().wall) : std::unexpected(not_stored());
    // Whoever asked may hear of the outcome on another thread from here on, and must be the last to
    // hold what it gave along.
    decide = nullptr;
    if (!records) return done(std::unexpected(std::move(records.error())));
    owner.put_records(std::move(*records), once([done = std::move(done)](bool stored) mutable {
                        if (stored) return done({});
                        done(std::unexpected(not_stored()));
                      }));
  });
}

void answer_on(Hub& hub, std::uint32_t asking, Done<void> done, Result<void> result) {
  hub.post(asking, [done = std::move(done), result = std::move(result)]() mutable {
    done(std::move(result));
  });
}

}  // namespace rogerthat::hub
