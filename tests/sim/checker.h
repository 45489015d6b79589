// Holds the promises of the contract against what really happens. It sees everything: what is
// asked, what is written, what is acknowledged, what a client's program has read, when the process
// dies. Where it cannot know for sure (an acknowledgement on its way), it holds both bounds.
//
// Sends are judged in checker_sends.cpp, receives in checker_reads.cpp, receipts and histories in
// checker_looks.cpp, the end of a run in checker_end.cpp.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/types.h"
#include "link.h"
#include "posts.h"
#include "wire.h"
#include "world.h"

namespace rogerthat::sim {

// One receive, from its request to the end of its connection or the next request on it.
struct ReaderFacts {
  struct Piece {
    std::size_t number = 0;  // on its connection
    std::vector<MessageId> ids;
    MessageId last = 0;         // highest id that is no status
    MessageId gap_through = 0;  // a gap was told that covers everything up to here
  };
  std::size_t channel = 0;
  std::string callsign;
  core::ReaderKind kind = core::ReaderKind::poll;
  bool explicit_ack = false;
  std::optional<MessageId> since;
  std::shared_ptr<Link> link;
  Millis opened = 0;
  MessageId start = 0;          // from when it begins: everything after it must come
  MessageId handed_before = 0;  // nothing up to it may come
  MessageId written = 0;        // highest id written that is no status
  MessageId written_any = 0;
  MessageId gap_through = 0;
  std::uint64_t turn = 0;
  Millis deadline = 0;
  std::vector<Piece> pieces;
  bool open = true;     // its hand-over is not judged yet
  bool waiting = true;  // a poll that has been answered does not
  bool clean = false;   // it ended, and all that was written had been acknowledged
  unsigned life = 0;
};

struct CallsignFacts {
  bool joined = false;
  unsigned life = 0;  // memory channels: the life of the process in which it joined
  std::uint64_t first_join_turn = 0;
  bool explicit_ack = false;
  MessageId handed_sure = 0;   // the cursor is there at least
  MessageId handed_maybe = 0;  // ... and at most there
  MessageId confirmed_maybe = 0;
  MessageId offered = 0;
  std::vector<std::pair<Millis, MessageId>> judged;  // when handed_sure rose
  std::set<MessageId> written;                       // to any of its readers, ever
  std::map<MessageId, Millis> handed;                // itself handed over for sure, and when
  std::map<MessageId, unsigned> received;  // read by one of its programs, in which life of the hub
  std::map<MessageId, std::vector<std::size_t>> carried;  // by which readers
  bool shared = false;                                    // by two programs, as it should not be
  std::set<MessageId> excused;  // acknowledged, and the program died before it read them
  MessageId gap_received = 0;   // told and read: what was up to here may be missing
  std::map<MessageId, std::pair<core::ReceiptState, Millis>> receipts;
  std::vector<std::size_t> readers;  // open ones
};

struct ChannelFacts {
  std::string id;
  core::ChannelOptions options;
  std::map<MessageId, std::size_t> posts;  // what is known to be a message; statuses too
  std::map<std::string, CallsignFacts> callsigns;
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> client_ids;
  MessageId highest_id = 0;
  MessageId evicted_through = 0;  // what the hub may have let go because its channels held too much
  // Who has been given which session, and whether the password came along, then or later.
  std::map<std::string, std::map<std::size_t, bool>> holders;
  std::set<std::string> brought;  // ids that came from outside: anybody may have them
  // Ids were seen that had not been reserved, and a crash forgot them: positions that clients have
  // from before mean nothing sure any more.
  bool ids_forgotten = false;
  bool use_is_on_disk = false;  // when the process ended last
};

class Checker {
 public:
  Checker(World& world, Posts& posts) : world_(world), posts_(posts) {}

  std::size_t add_channel(std::string id, const core::ChannelOptions& options);
  ChannelFacts& channel(std::size_t number) { return channels_[number]; }

  // --- The process.
  void started(unsigned life) {
    life_ = life;
    draining_ = false;
  }
  void drains() { draining_ = true; }
  // `journalled`: cursors that moved before this moment (of World::time) were on disk.
  // `reserved`: ids up to here were reserved on disk; `refused`: the disk took nothing just then.
  // `used`: whether the disk knows that a channel has been joined.
  using Used = std::function<bool(const std::string& channel)>;
  void crashed(Millis journalled, MessageId reserved, bool refused, const Used& used);

  // --- Sessions.
  void joined(std::size_t channel, const std::string& callsign, bool explicit_ack);
  void shared(std::size_t channel, const std::string& callsign) {
    channels_[channel].callsigns[callsign].shared = true;
  }

  // What a join says of the human behind it, and what its session counts for from now on.
  struct Proof {
    std::string session_id;
    bool adopted = false;  // the hub did not know that id
    bool told = false;
    bool counts = false;
  };
  void asks_to_join(const Request& request);  // the answer may get lost, what it proves does not
  void proof(const Request& request, const Proof& proof);

  // --- Sends.
  void submitted(Post& post);
  void answered(Post& post, const Answer& answer, MessageId highest_before);

  // --- Receives. A reader is named by the number that opened() gives.
  std::size_t opened(const Request& request, std::shared_ptr<Link> link);
  void began(std::size_t reader);  // what it waited to know is known, or the wait is over
  void written(std::size_t reader, std::size_t piece, const Answer& answer);
  void ended(std::size_t reader, hub::EndReason reason);
  void next_request(std::size_t reader);
  void closed(std::size_t reader);
  void received(const Request& request, const Answer& answer);

  // --- Looks.
  void history(std::size_t channel, const std::string& callsign, const Answer& answer);
  void receipts(std::size_t channel, MessageId id, const Answer& answer);

  // --- The end: everybody has read everything there was.
  void finish();

 private:
  CallsignFacts& callsign_of(const ReaderFacts& reader) {
    return channels_[reader.channel].callsigns[reader.callsign];
  }
  // Is it what its sender posted, under one id, and may the callsign see it?
  Post* recognise(std::size_t channel, const SeenMessage& message);
  void learn_id(Post& post, MessageId id, Millis at);
  bool forgotten_client_id(const Post& post) const;
  // The process may have lost it: it was in memory, in an earlier life.
  bool lost_in_memory(const Post& post) const;
  // So many posts may have followed that the ring has dropped it.
  bool may_be_dropped(const Post& post) const;
  bool addressed(const Post& post, const std::string& callsign) const;
  void refresh(CallsignFacts& callsign);  // what has been acknowledged by now
  void hand_over(CallsignFacts& callsign, MessageId id);
  void hand_over(const ReaderFacts& reader);  // everything written to it
  void check_complete(const ReaderFacts& reader, MessageId after, MessageId through,
                      const Answer& answer);
  void check_gap(const ReaderFacts& reader, const core::Gap& gap);
  bool may_come_again(const CallsignFacts& callsign, MessageId id) const;
  void close(std::size_t reader);
  void forget_unreserved(ChannelFacts& facts, MessageId reserved, bool refused);

  World& world_;
  Posts& posts_;
  std::deque<ChannelFacts> channels_;
  std::deque<ReaderFacts> readers_;
  std::uint64_t turn_ = 0;
  unsigned life_ = 0;
  bool draining_ = false;
};

}  // namespace rogerthat::sim
