#include "receiver.h"

namespace rogerthat::sim {

SeenMessage seen(const hub::ChannelEntry& entry, const core::Message& message) {
  SeenMessage out;
  out.id = message.id;
  out.from = entry.channel.callsign_of(message.from);
  out.to = entry.channel.callsign_of(message.to);
  out.text = message.text;
  out.at = message.at;
  out.kind = message.kind;
  return out;
}

void SimReceiver::begins(const hub::ChannelEntry&, std::size_t) {
  server_.s_.checker.began(reader_);
}

bool SimReceiver::deliver(const hub::Delivery& delivery) {
  Answer answer;
  answer.verb = Verb::receive;
  for (const core::Message* message : delivery.pending.messages) {
    answer.messages.push_back(seen(delivery.entry, *message));
  }
  answer.gap = delivery.pending.gap;
  if (answer.gap) {
    answer.gap_through = answer.gap->oldest_id ? *answer.gap->oldest_id - 1
                                               : delivery.entry.channel.committed_through();
  }
  World& world = server_.s_.world;
  if (server_.s_.plant == Plant::silent_gap) answer.gap.reset();
  if (server_.s_.plant == Plant::forgotten_unread && answer.messages.size() > 2) {
    if (world.chance(0.2)) answer.messages.erase(answer.messages.begin() + 1);
  }
  const std::size_t piece = link_->pieces_written();
  world.trace("link {}: {} messages{}{}", link_->number(), answer.messages.size(),
              answer.messages.empty() ? ""
                                      : fmt::format(", {} to {}", answer.messages.front().id,
                                                    answer.messages.back().id),
              answer.gap ? ", gap" : "");
  server_.note_evictions();
  server_.s_.checker.written(reader_, piece, answer);
  link_->write(std::move(answer));
  return kind_ == core::ReaderKind::poll || link_->takes_more();
}

void SimReceiver::ping() {
  Answer answer;
  answer.verb = Verb::receive;
  link_->write(std::move(answer));
}

void SimReceiver::end(hub::EndReason reason) {
  server_.s_.world.trace("link {}: ended, reason {}", link_->number(), static_cast<int>(reason));
  server_.note_evictions();
  server_.s_.checker.ended(reader_, reason);
  Answer answer;
  answer.verb = Verb::receive;
  answer.timed_out = kind_ == core::ReaderKind::poll;
  answer.bye = kind_ == core::ReaderKind::stream;
  link_->write(std::move(answer));
  if (kind_ == core::ReaderKind::stream) link_->close_by_server();
}

bool SimReceiver::acknowledged() const {
  ++asked_;
  return server_.s_.plant == Plant::early_handover || link_->acknowledged();
}

bool SimReceiver::connected() const {
  return server_.s_.plant != Plant::impatience;
}

}  // namespace rogerthat::sim
