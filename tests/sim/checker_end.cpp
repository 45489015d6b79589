// The end of a run: the network is whole, everybody has read until nothing came. Now everything
// that was accepted has been received, or its absence has been told.
#include "checker.h"

namespace rogerthat::sim {

void Checker::finish() {
  // What a kernel had acknowledged when its program died counts as handed over: only who
  // confirms what it has read is safe from that.
  for (const ReaderFacts& reader : readers_) {
    if (reader.explicit_ack) continue;
    for (const ReaderFacts::Piece& piece : reader.pieces) {
      const bool unread = piece.number >= reader.link->pieces_read();
      if (!unread || piece.number >= reader.link->pieces_arrived()) continue;
      CallsignFacts& who = callsign_of(reader);
      who.excused.insert(piece.ids.begin(), piece.ids.end());
      who.gap_received = std::max(who.gap_received, piece.gap_through);
    }
  }
  for (ChannelFacts& facts : channels_) {
    if (facts.ids_forgotten) continue;
    for (const auto& [id, number] : facts.posts) {
      const Post& post = posts_.at(number);
      if (post.kind == core::Kind::status || post.id != id || post.accepted_turn == 0) continue;
      if (lost_in_memory(post)) continue;
      for (const auto& [callsign, who] : facts.callsigns) {
        if (!who.joined || !addressed(post, callsign)) continue;
        if (who.received.contains(id) || who.excused.contains(id)) continue;
        if (id <= who.gap_received && may_be_dropped(post)) continue;
        if (post.first_turn <= who.first_join_turn && may_be_dropped(post)) continue;
        world_.violate("nothing is lost",
                       fmt::format("{} has never got message {} (post {}) of channel {}", callsign,
                                   id, number, facts.id));
        return;
      }
    }
  }
}

}  // namespace rogerthat::sim
