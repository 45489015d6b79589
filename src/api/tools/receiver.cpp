#include "api/tools/receiver.h"

#include <utility>

namespace rogerthat::api {

void CallReceiver::start(std::unique_ptr<CallReceiver> receiver, hub::ChannelEntry& entry,
                         const hub::ReceiveRequest& request) {
  CallReceiver& waiting = *receiver;
  if (!waiting.reply_.open()) return;
  waiting.reply_.park(std::move(receiver));
  waiting.reader_ = waiting.shard_.receive(entry, request, waiting);
  if (waiting.reply_.open()) waiting.reply_.stream_now();
}

void CallReceiver::cancelled() {
  shard_.reader_closed(std::exchange(reader_, {}), false);
}

void CallReceiver::handed_over(bool confirmed) {
  if (confirmed) {
    shard_.reader_next_request(reader_);
  } else {
    shard_.reader_closed(reader_, true);
  }
}

void CallReceiver::lost() {
  shard_.reader_closed(reader_, false);
}

}  // namespace rogerthat::api
