// How an agent receives: polls and streams, with and without a position, confirming or not.
#include <algorithm>

#include "agent.h"

namespace rogerthat::sim {

void Agent::next_receive() {
  if (!joined_ || receiving_ || finished_) return;
  if (finishing_) {
    read_rest();
  } else {
    receive();
  }
}

void Agent::receive() {
  receiving_ = true;
  Request request = make(Verb::receive);
  const bool stream = world_.chance(habits_.streams);
  request.kind = stream ? core::ReaderKind::stream : core::ReaderKind::poll;
  if (last_id_ > 0 && world_.chance(habits_.names_since)) request.since = last_id_;
  if (last_id_ > 0 && world_.chance(habits_.sends_ack)) request.ack = last_id_;
  if (world_.chance(0.01)) request.since = 0;  // everything that is held
  Millis limit = 0;
  if (stream) {
    limit = world_.between(1000, 60'000);  // then it has had enough
  } else {
    request.timeout = world_.chance(0.2) ? 0 : world_.between(100, 60'000);
    limit = request.timeout + 5000;
  }
  ask(std::move(request), limit);
}

void Agent::read_messages(const Answer& answer) {
  for (const SeenMessage& message : answer.messages) {
    last_id_ = std::max(last_id_, message.id);
    known_ids_.push_back(message.id);
    if (known_ids_.size() > 20) known_ids_.pop_front();
  }
}

void Agent::on_receive(const Request& request, const Answer& answer) {
  receiving_ = false;
  if (!answer.error) {
    checker_.received(request, answer);
    read_messages(answer);
    const bool empty = answer.messages.empty() && !answer.gap;
    empty_reads_ = empty ? empty_reads_ + 1 : 0;
  }
  if (finishing_ && empty_reads_ >= 2) {
    finished_ = true;
    drop_links();
    return;
  }
  later(finishing_ ? 1 : world_.between(0, habits_.think_max), &Agent::next_receive);
}

// At the end: poll on one whole connection until twice nothing comes, confirming as it should.
void Agent::read_rest() {
  receiving_ = true;
  Request request = make(Verb::receive);
  if (habits_.explicit_ack && last_id_ > 0) request.ack = last_id_;
  ask(std::move(request), 10'000);
}

}  // namespace rogerthat::sim
