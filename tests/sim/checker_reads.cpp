// What is promised to receivers: nothing lost, nothing twice, in order, nobody else's, gaps told.
#include <algorithm>

#include "checker.h"
#include "core/limits.h"

namespace rogerthat::sim {

namespace {
bool is_message(const Post& post) {
  return post.kind == core::Kind::message;
}

// When a poll must have been answered: it may have to wait for news of an earlier answer.
Millis latest(const ReaderFacts& reader) {
  return std::max(reader.deadline, reader.opened + core::kDoubtMax) + 100;
}
}  // namespace

Post* Checker::recognise(std::size_t channel, const SeenMessage& message) {
  Post* post = posts_.find(message.text);
  const bool same = post != nullptr && post->channel == channel && post->from == message.from &&
                    post->to == message.to && post->kind == message.kind;
  if (!same) {
    world_.violate("what arrives is what was sent",
                   fmt::format("message {} from {} to {}: {}", message.id, message.from, message.to,
                               message.text.substr(0, 40)));
    return nullptr;
  }
  learn_id(*post, message.id, message.at);
  return post;
}

void Checker::hand_over(CallsignFacts& callsign, MessageId id) {
  callsign.handed_maybe = std::max(callsign.handed_maybe, id);
  if (id <= callsign.handed_sure) return;
  callsign.handed_sure = id;
  callsign.judged.emplace_back(world_.time(), id);
}

void Checker::hand_over(const ReaderFacts& reader) {
  CallsignFacts& who = callsign_of(reader);
  hand_over(who, reader.written);
  who.handed_maybe = std::max(who.handed_maybe, reader.gap_through);
  for (const ReaderFacts::Piece& piece : reader.pieces) {
    for (const MessageId id : piece.ids) who.handed.emplace(id, world_.time());
  }
}

void Checker::refresh(CallsignFacts& callsign) {
  for (const std::size_t number : callsign.readers) {
    const ReaderFacts& reader = readers_[number];
    for (const ReaderFacts::Piece& piece : reader.pieces) {
      if (piece.number >= reader.link->pieces_acknowledged()) break;
      callsign.handed_maybe = std::max({callsign.handed_maybe, piece.last, piece.gap_through});
    }
  }
}

std::size_t Checker::opened(const Request& request, std::shared_ptr<Link> link) {
  const std::size_t number = readers_.size();
  ReaderFacts& reader = readers_.emplace_back();
  reader.channel = request.channel;
  reader.callsign = request.callsign;
  reader.kind = request.kind;
  reader.since = request.since;
  reader.link = std::move(link);
  reader.opened = world_.time();
  reader.deadline = world_.time() + request.timeout;
  reader.turn = ++turn_;
  reader.life = life_;
  CallsignFacts& who = callsign_of(reader);
  reader.explicit_ack = who.explicit_ack;
  const MessageId confirmed = std::max(request.since.value_or(0), request.ack.value_or(0));
  if (confirmed > 0) {
    who.handed_maybe = std::max(who.handed_maybe, confirmed);
    who.confirmed_maybe = std::max(who.confirmed_maybe, confirmed);
    hand_over(who, std::min(confirmed, who.offered));
  }
  if (request.kind == core::ReaderKind::poll) {
    for (const std::size_t other : who.readers) {  // displaced, and perhaps told so late
      ReaderFacts& older = readers_[other];
      older.deadline = std::max(older.deadline, world_.time() + core::kDisplacedPollDelay);
    }
  }
  who.readers.push_back(number);
  return number;
}

void Checker::began(std::size_t number) {
  ReaderFacts& reader = readers_[number];
  CallsignFacts& who = callsign_of(reader);
  refresh(who);
  for (const std::size_t other : who.readers) {  // what has been acknowledged counts from here on
    if (readers_[other].link->acknowledged()) hand_over(readers_[other]);
  }
  reader.start =
      reader.since ? *reader.since : (who.explicit_ack ? who.confirmed_maybe : who.handed_maybe);
  reader.handed_before = who.handed_sure;
}

// Of what may be seen after `after`, everything up to `through` is in the answer or covered by a
// gap.
void Checker::check_complete(const ReaderFacts& reader, MessageId after, MessageId through,
                             const Answer& answer) {
  const ChannelFacts& facts = channels_[reader.channel];
  if (facts.ids_forgotten) return;
  const CallsignFacts& who = facts.callsigns.at(reader.callsign);
  const bool names_position = reader.since.value_or(0) > 0;
  for (auto at = facts.posts.upper_bound(after); at != facts.posts.end() && at->first <= through;
       ++at) {
    const Post& post = posts_.at(at->second);
    if (!is_message(post) || !addressed(post, reader.callsign) || post.id != at->first) continue;
    if (std::ranges::any_of(answer.messages, [&](const auto& m) { return m.id == at->first; })) {
      continue;
    }
    const bool gone = lost_in_memory(post);
    // Told once in a life, and where the disk had taken in time that somebody was here.
    if (gone && (!facts.use_is_on_disk || at->first <= who.handed_maybe)) continue;
    if (post.first_turn <= who.first_join_turn && !names_position && may_be_dropped(post)) continue;
    if (!gone && !may_be_dropped(post)) {
      world_.violate("nothing is lost",
                     fmt::format("{} gets {} after {}, but not message {} (post {})",
                                 reader.callsign, through, after, at->first, post.number));
      return;
    }
    if (at->first > reader.gap_through) {
      world_.violate("a gap is told",
                     fmt::format("{} gets {} after {}; message {} (post {}) is gone, and no gap",
                                 reader.callsign, through, after, at->first, post.number));
      return;
    }
  }
}

// A gap that gives a number gives the right one: not more than was posted, not less than was known.
void Checker::check_gap(const ReaderFacts& reader, const core::Gap& gap) {
  if (!gap.dropped) return;
  if (*gap.dropped <= 0) {
    world_.violate("a gap is told where something is missing",
                   fmt::format("{} is told of {}", reader.callsign, *gap.dropped));
  }
  std::int64_t most = 0;
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    const Post& post = posts_.at(i);
    if (post.channel == reader.channel && is_message(post) && addressed(post, reader.callsign) &&
        post.first_turn != 0 && (post.id == 0 || post.id > reader.since.value_or(0))) {
      ++most;
    }
  }
  if (*gap.dropped > most) {
    world_.violate(
        "a gap counts what is missing",
        fmt::format("{} is told of {}, {} were sent", reader.callsign, *gap.dropped, most));
  }
}

void Checker::written(std::size_t number, std::size_t piece, const Answer& answer) {
  ReaderFacts& reader = readers_[number];
  CallsignFacts& who = callsign_of(reader);
  ReaderFacts::Piece facts;
  facts.number = piece;
  for (const SeenMessage& message : answer.messages) {
    const Post* post = recognise(reader.channel, message);
    if (post == nullptr) return;
    if (message.to != "all" && message.to != reader.callsign) {
      world_.violate("nobody receives others' direct messages",
                     fmt::format("{} gets message {} from {} to {}", reader.callsign, message.id,
                                 message.from, message.to));
    }
    if (message.from == reader.callsign) {
      world_.violate("nobody receives its own messages",
                     fmt::format("{} gets message {}", reader.callsign, message.id));
    }
    if (message.id <= reader.written_any) {
      world_.violate("messages come in order", fmt::format("{} gets {} after {}", reader.callsign,
                                                           message.id, reader.written_any));
    }
    reader.written_any = message.id;
    facts.ids.push_back(message.id);
    if (!is_message(*post)) {
      if (post->accepted_turn != 0 && post->accepted_turn < reader.turn) {
        world_.violate("a status reaches only who is listening now",
                       fmt::format("{} gets status {} afterwards", reader.callsign, message.id));
      }
      continue;
    }
    if (reader.since && message.id <= *reader.since) {
      world_.violate(
          "with since, what comes lies after it",
          fmt::format("{} gets {} since {}", reader.callsign, message.id, *reader.since));
    }
    if (!reader.since && !reader.explicit_ack && message.id <= reader.handed_before) {
      world_.violate("what has been handed over does not come again",
                     fmt::format("{} gets {}, handed over up to {}", reader.callsign, message.id,
                                 reader.handed_before));
    }
    facts.last = message.id;
  }
  if (answer.gap) {
    check_gap(reader, *answer.gap);
    facts.gap_through = answer.gap_through;
    reader.gap_through = std::max(reader.gap_through, facts.gap_through);
  }
  if (facts.last > 0) {
    refresh(who);  // a gap that was told and has arrived is not told again
    check_complete(reader, std::max(reader.start, reader.written), facts.last, answer);
    reader.written = facts.last;
    who.offered = std::max(who.offered, facts.last);
    who.written.insert(facts.ids.begin(), facts.ids.end());
    for (const MessageId id : facts.ids) who.carried[id].push_back(number);
  }
  reader.pieces.push_back(std::move(facts));
  if (reader.kind == core::ReaderKind::poll) reader.waiting = false;
}

void Checker::ended(std::size_t number, hub::EndReason reason) {
  ReaderFacts& reader = readers_[number];
  reader.waiting = false;
  if (reader.kind != core::ReaderKind::poll || reason != hub::EndReason::timed_out) return;
  const bool early = world_.time() < reader.deadline && !draining_;
  if (early || world_.time() > latest(reader)) {
    world_.violate("a poll is answered at its timeout",
                   fmt::format("{} is answered {} ms after it", reader.callsign,
                               world_.time() - reader.deadline));
  }
  const ChannelFacts& facts = channels_[reader.channel];
  if (facts.ids_forgotten) return;
  for (auto at = facts.posts.upper_bound(reader.start); at != facts.posts.end(); ++at) {
    const Post& post = posts_.at(at->second);
    const bool pending = is_message(post) && post.id == at->first && post.accepted_turn != 0 &&
                         addressed(post, reader.callsign) && !lost_in_memory(post);
    if (!pending || may_be_dropped(post)) continue;
    world_.violate("a receive answers at once when something is pending",
                   fmt::format("{} gets nothing after {}, but message {} (post {}) waits",
                               reader.callsign, reader.start, at->first, post.number));
    return;
  }
}

void Checker::close(std::size_t number) {
  ReaderFacts& reader = readers_[number];
  reader.open = false;
  std::erase(callsign_of(reader).readers, number);
  const bool overdue =
      reader.waiting && reader.kind == core::ReaderKind::poll && world_.time() > latest(reader);
  if (overdue) {
    world_.violate(
        "a poll is answered at its timeout",
        fmt::format("{} waits since its deadline at {}", reader.callsign, reader.deadline));
  }
}

void Checker::next_request(std::size_t number) {
  ReaderFacts& reader = readers_[number];
  if (!reader.open) return;
  CallsignFacts& who = callsign_of(reader);
  hand_over(reader);
  who.confirmed_maybe = std::max({who.confirmed_maybe, reader.written, reader.gap_through});
  reader.clean = true;
  close(number);
}

void Checker::closed(std::size_t number) {
  ReaderFacts& reader = readers_[number];
  if (!reader.open) return;
  CallsignFacts& who = callsign_of(reader);
  refresh(who);
  reader.clean = reader.link->acknowledged();
  if (reader.clean) hand_over(reader);
  close(number);
}

// Ids are seen only when they are reserved on disk. While it refuses, channels in memory go on all
// the same, and what they give out above the reservation may be given again after a crash.
void Checker::forget_unreserved(ChannelFacts& facts, MessageId reserved, bool refused) {
  if (facts.highest_id <= reserved) return;
  if (facts.options.durable || !refused) {
    world_.violate(
        "ids are reserved on disk before they are seen",
        fmt::format("{} has given {}, reserved was {}", facts.id, facts.highest_id, reserved));
  }
  facts.ids_forgotten = true;
  facts.posts.erase(facts.posts.upper_bound(reserved), facts.posts.end());
  facts.highest_id = reserved;
}

void Checker::crashed(Millis journalled, MessageId reserved, bool refused, const Used& used) {
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (!readers_[i].open) continue;
    refresh(callsign_of(readers_[i]));
    close(i);
  }
  for (ChannelFacts& facts : channels_) {
    forget_unreserved(facts, reserved, refused);
    facts.use_is_on_disk = used(facts.id);
    if (!facts.options.durable) {  // its sessions are forgotten, and agents bring back their ids
      facts.holders.clear();
      facts.brought.clear();
    }
    for (auto& [callsign, who] : facts.callsigns) {
      if (!facts.options.durable) {
        who.handed_sure = who.handed_maybe = who.confirmed_maybe = who.offered = 0;
        who.judged.clear();
        who.handed.clear();
        who.receipts.clear();
        continue;
      }
      while (!who.judged.empty() && who.judged.back().first > journalled) who.judged.pop_back();
      who.handed_sure = who.judged.empty() ? 0 : who.judged.back().second;
      who.offered = who.handed_sure;  // what the hub does not know to have offered, nobody confirms
      std::erase_if(who.handed, [&](const auto& h) { return h.second > journalled; });
      std::erase_if(who.receipts, [&](const auto& r) { return r.second.second > journalled; });
    }
  }
}

// What was written to a connection that broke, or went slow, may come again.
bool Checker::may_come_again(const CallsignFacts& callsign, MessageId id) const {
  const auto carried = callsign.carried.find(id);
  if (carried == callsign.carried.end()) return true;  // a status is written once, and no promise
  return std::ranges::any_of(carried->second, [this](std::size_t number) {
    const ReaderFacts& reader = readers_[number];
    return !reader.link->healthy() || (!reader.open && !reader.clean);
  });
}

void Checker::received(const Request& request, const Answer& answer) {
  const ChannelFacts& facts = channels_[request.channel];
  CallsignFacts& who = channels_[request.channel].callsigns[request.callsign];
  const bool asked_for = request.since || who.explicit_ack || who.shared || facts.ids_forgotten;
  for (const SeenMessage& message : answer.messages) {
    const auto [before, fresh] = who.received.emplace(message.id, life_);
    const bool excused = asked_for || before->second != life_ || may_come_again(who, message.id);
    if (!fresh && !excused) {
      world_.violate("who reads one answer after another, on whole links, sees no message twice",
                     fmt::format("{} reads message {} again", request.callsign, message.id));
    }
    before->second = life_;
  }
  if (answer.gap) who.gap_received = std::max(who.gap_received, answer.gap_through);
}

}  // namespace rogerthat::sim
