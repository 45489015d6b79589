// How an agent sends: posts with and without client_ids, sent again while no answer has come, and
// now and then once more than needed. Beside that the small things it does between messages.
#include "agent.h"

namespace rogerthat::sim {

namespace {
constexpr int kTriesMax = 8;
}

void Agent::compose() {
  if (silent_) return;
  later(world_.between(habits_.send_every / 4, habits_.send_every), &Agent::compose);
  if (!joined_) return;
  if (!sent_before_.empty() && world_.chance(0.1)) {  // the same again
    const std::size_t again = sent_before_[world_.below(sent_before_.size())];
    tries_[again] = kTriesMax - 1;
    submit(again);
    return;
  }
  Post post;
  post.channel = channel_;
  post.from = callsign_;
  post.to = "all";
  if (world_.chance(habits_.direct) && !others_.empty()) {
    post.to = others_[world_.below(others_.size())];
  }
  if (world_.chance(habits_.statuses)) post.kind = core::Kind::status;
  if (world_.chance(0.2) && !known_ids_.empty()) {
    post.reply_to = known_ids_[world_.below(known_ids_.size())];
  }
  if (post.kind == core::Kind::message && world_.chance(habits_.client_ids)) {
    post.client_id = fmt::format("{}-{}", callsign_, posts_.size());
    if (!sent_before_.empty() && world_.chance(0.05)) {  // a mistake: it has been used before
      post.client_id = posts_.at(sent_before_.back()).client_id;
    }
  }
  const bool status = post.kind == core::Kind::status;
  const std::size_t padding_max = status ? 200 : habits_.padding_max;
  const Post& made = posts_.add(std::move(post), world_.below(padding_max + 1));
  if (!made.client_id.empty()) {
    sent_before_.push_back(made.number);
    if (sent_before_.size() > 10) sent_before_.pop_front();
  }
  submit(made.number);
}

void Agent::submit(std::size_t number) {
  if (silent_) return;
  Request request = make(Verb::send);
  request.post = number;
  Millis limit = world_.between(200, 15'000);
  if (world_.chance(habits_.awaits)) {
    request.await = static_cast<hub::AwaitFor>(1 + world_.below(3));
    request.await_time = world_.between(100, 20'000);
    if (world_.chance(0.8)) limit += request.await_time;
  }
  ask(std::move(request), limit);
}

void Agent::on_send(std::size_t number, const Answer& answer) {
  if (!answer.error) {
    tries_.erase(number);
    known_ids_.push_back(answer.id);
    if (known_ids_.size() > 20) known_ids_.pop_front();
    return;
  }
  const bool worth_it = answer.error == ErrorCode::unavailable ||
                        answer.error == ErrorCode::not_joined ||
                        answer.error == ErrorCode::session_expired;
  if (worth_it) submit_later(number);
}

// Only a client_id makes it safe to send again when no answer has come.
void Agent::submit_later(std::size_t number) {
  if (silent_ || posts_.at(number).client_id.empty()) return;
  if (++tries_[number] >= kTriesMax) {
    tries_.erase(number);
    return;
  }
  world_.after(world_.between(10, 5000), process_, [this, number] {
    if (joined_) {
      submit(number);
    } else {
      submit_later(number);
    }
  });
}

void Agent::chore() {
  if (silent_) return;
  later(world_.between(100, 10'000), &Agent::chore);
  if (!joined_) return;
  if (world_.chance(habits_.restless)) {
    if (world_.chance(0.5)) {
      dies();
      return;
    }
    if (world_.chance(0.5)) {
      ask(make(Verb::leave), 5000);
    } else {
      join_again();
    }
    return;
  }
  if (world_.chance(0.5)) {
    Request request = make(Verb::history);
    request.count = 1 + world_.below(100);
    if (world_.chance(0.2)) request.session_id.clear();  // as somebody who holds the token
    ask(std::move(request), 5000);
  } else if (!known_ids_.empty()) {
    Request request = make(Verb::receipts);
    request.id = known_ids_[world_.below(known_ids_.size())];
    ask(std::move(request), 5000);
  }
}

}  // namespace rogerthat::sim
