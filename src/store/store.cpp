#include "store/store.h"

namespace rogerthat::store {

bool Batch::empty() const {
  return put_channels.empty() && delete_channels.empty() && records.empty() && journal.empty() &&
         forget.empty() && transcript.empty() && counters_added.channels_created == 0 &&
         counters_added.joins_total == 0 && counters_added.messages_total == 0 && id_ceiling == 0;
}

}  // namespace rogerthat::store
