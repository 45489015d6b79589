#include "agent.h"

#include <utility>

namespace rogerthat::sim {

Agent::Agent(World& world, Posts& posts, Checker& checker, Dial dial, std::size_t channel,
             std::string callsign, std::vector<std::string> others, AgentHabits habits,
             std::size_t number)
    : world_(world),
      posts_(posts),
      checker_(checker),
      dial_(std::move(dial)),
      channel_(channel),
      callsign_(std::move(callsign)),
      others_(std::move(others)),
      habits_(habits),
      number_(number) {}

Agent::~Agent() = default;

void Agent::later(Millis delay, void (Agent::*what)()) {
  world_.after(delay, process_, [this, what] { (this->*what)(); });
}

void Agent::begin() {
  process_ = std::make_shared<int>(0);
  later(0, &Agent::join);
  later(world_.between(0, habits_.send_every), &Agent::compose);
  later(world_.between(0, 10'000), &Agent::chore);
}

void Agent::dies() {
  if (finishing_ || !process_) return;
  world_.trace("{} dies", callsign_);
  process_.reset();
  drop_links();
  joined_ = joining_ = receiving_ = false;
  tries_.clear();
  sent_before_.clear();
  if (!world_.chance(habits_.remembers)) {
    session_id_.clear();
    last_id_ = 0;
    known_ids_.clear();
  }
  // The machine starts it again: not owned by the process that has ended.
  world_.after(world_.between(10, 20'000), [this] {
    if (!finishing_ && !process_) begin();
  });
}

void Agent::finish() {
  finishing_ = true;
  drop_links();
  process_ = std::make_shared<int>(0);
  joined_ = joining_ = receiving_ = false;
  later(world_.between(1, 500), &Agent::join);
}

// ------------------------------------------------------------------------------------- connections

Request Agent::make(Verb verb) const {
  Request request;
  request.verb = verb;
  request.channel = channel_;
  request.callsign = callsign_;
  request.session_id = session_id_;
  return request;
}

void Agent::ask(Request request, Millis limit) {
  Connection* chosen = nullptr;
  if (finishing_ || !world_.chance(habits_.fresh_link)) {
    for (auto& [number, connection] : links_) {
      if (!connection.waiting && connection.link->open_at_client()) chosen = &connection;
    }
  }
  if (chosen == nullptr) {
    std::shared_ptr<Link> link = dial_(*this, finishing_);
    if (!link) {
      world_.after(world_.between(1, 50), process_,
                   [this, request = std::move(request)] { lost(request); });
      return;
    }
    const std::uint64_t number = link->number();
    chosen = &links_[number];
    chosen->link = std::move(link);
  }
  chosen->waiting = request;
  chosen->request = ++requests_;
  const std::uint64_t number = chosen->link->number();
  chosen->link->send(std::move(request));
  if (limit <= 0) return;
  world_.after(limit, process_, [this, number, asked = requests_] {
    const auto found = links_.find(number);
    if (found == links_.end() || !found->second.waiting || found->second.request != asked) return;
    const Request given_up = *found->second.waiting;
    drop(number);
    lost(given_up);
  });
}

void Agent::drop(std::uint64_t number) {
  const auto found = links_.find(number);
  if (found == links_.end()) return;
  const std::shared_ptr<Link> link = found->second.link;
  links_.erase(found);
  link->close_by_client();
}

void Agent::drop_links() {
  const auto links = std::exchange(links_, {});
  for (const auto& [number, connection] : links) connection.link->close_by_client();
}

void Agent::answer_read(Link& link, std::size_t, const Answer& answer) {
  const auto found = links_.find(link.number());
  if (found == links_.end() || !found->second.waiting) return;
  const Request request = *found->second.waiting;
  const bool stream =
      request.verb == Verb::receive && request.kind == core::ReaderKind::stream && !answer.error;
  if (stream) {
    checker_.received(request, answer);
    read_messages(answer);
    return;  // the end of a stream is the end of its connection
  }
  found->second.waiting.reset();
  const bool keep = finishing_ || !world_.chance(habits_.fresh_link);
  if (!keep) drop(link.number());
  settled(request, answer);
}

void Agent::closed(Link& link) {
  const auto found = links_.find(link.number());
  if (found == links_.end()) return;
  const std::optional<Request> waiting = found->second.waiting;
  links_.erase(found);
  if (waiting) lost(*waiting);
}

void Agent::settled(const Request& request, const Answer& answer) {
  if (answer.error == ErrorCode::not_joined || answer.error == ErrorCode::session_expired) {
    session_lost();
  }
  switch (request.verb) {
    case Verb::join:
      on_join(answer);
      break;
    case Verb::send:
      on_send(request.post, answer);
      break;
    case Verb::receive:
      on_receive(request, answer);
      break;
    case Verb::leave:
      if (!answer.error) session_lost();
      break;
    case Verb::history:
    case Verb::receipts:
      break;
  }
}

void Agent::lost(const Request& request) {
  switch (request.verb) {
    case Verb::join:
      joining_ = false;
      later(world_.between(50, 3000), &Agent::join);
      break;
    case Verb::send:
      submit_later(request.post);
      break;
    case Verb::receive:
      receiving_ = false;
      later(world_.between(1, 1000), &Agent::next_receive);
      break;
    case Verb::leave:
    case Verb::history:
    case Verb::receipts:
      break;
  }
}

// ------------------------------------------------------------------------------------------
// joining

void Agent::session_lost() {
  if (!joined_) return;
  joined_ = false;
  if (world_.chance(0.5)) session_id_.clear();
  later(world_.between(0, 5000), &Agent::join);
}

void Agent::join() {
  if (joined_ || joining_) return;
  joining_ = true;
  ask_to_join(make(Verb::join));
}

void Agent::ask_to_join(Request request) {
  request.ack_explicit = habits_.explicit_ack;
  request.proves = world_.chance(habits_.proves);
  request.program = number_;
  ask(std::move(request), 15'000);
}

// A join is idempotent: whoever does not know whether it has joined may join again.
void Agent::join_again() {
  if (joining_) return;
  joining_ = true;
  Request request = make(Verb::join);
  if (world_.chance(0.5)) request.session_id.clear();
  ask_to_join(std::move(request));
}

void Agent::on_join(const Answer& answer) {
  joining_ = false;
  if (answer.error) {
    // Somebody else holds the callsign, perhaps an earlier process of ours: ask to share it.
    if (answer.error == ErrorCode::callsign_taken) session_id_.clear();
    later(world_.between(200, 5000), &Agent::join);
    return;
  }
  session_id_ = answer.session_id;
  joined_ = true;
  next_receive();
}

}  // namespace rogerthat::sim
