// A client: one program that holds a callsign on a channel, sends, receives, dies and comes back.
// It keeps what a real one would keep and believes what it has read; it knows nothing of the hub.
//
// Connections and life are in agent.cpp, receiving in agent_receive.cpp, sending in agent_send.cpp.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checker.h"
#include "link.h"
#include "posts.h"
#include "world.h"

namespace rogerthat::sim {

struct AgentHabits {
  bool explicit_ack = false;
  double streams = 0.3;      // of its receives
  double names_since = 0.3;  // ... that name a position
  double sends_ack = 0.3;    // ... that confirm what it has read
  double remembers = 0.5;    // keeps its session and position on disk when it dies
  double fresh_link = 0.3;   // takes a new connection though one is idle
  double client_ids = 0.6;
  double statuses = 0.1;
  double awaits = 0.1;
  double direct = 0.5;
  double proves = 0;       // joins with the owner password
  double restless = 0.05;  // leaves, dies or renames, per chore
  Millis think_max = 2000;
  Millis send_every = 3000;
  std::size_t padding_max = 60;
};

// Gives a connection to the hub, or nothing when nobody listens there.
using Dial = std::function<std::shared_ptr<Link>(ClientEnd&, bool faultless)>;

class Agent final : public ClientEnd {
 public:
  Agent(World& world, Posts& posts, Checker& checker, Dial dial, std::size_t channel,
        std::string callsign, std::vector<std::string> others, AgentHabits habits,
        std::size_t number);
  ~Agent() override;

  void begin();                           // its first process
  void fall_silent() { silent_ = true; }  // sends nothing more
  void finish();                          // no more chaos: read what is left, then stop
  bool finished() const { return finished_; }
  const std::string& callsign() const { return callsign_; }

  // ClientEnd
  void answer_read(Link& link, std::size_t piece, const Answer& answer) override;
  void closed(Link& link) override;
  void dies() override;

 private:
  struct Connection {
    std::shared_ptr<Link> link;
    std::optional<Request> waiting;
    std::uint64_t request = 0;  // its number, for the time limit
  };

  void later(Millis delay, void (Agent::*what)());
  Request make(Verb verb) const;
  void ask(Request request, Millis limit);
  void drop_links();
  void drop(std::uint64_t link);
  void settled(const Request& request, const Answer& answer);
  void lost(const Request& request);  // no answer will come
  void session_lost();

  void join();
  void join_again();
  void ask_to_join(Request request);
  void on_join(const Answer& answer);

  void receive();
  void on_receive(const Request& request, const Answer& answer);
  void read_messages(const Answer& answer);
  void next_receive();
  void read_rest();

  void compose();
  void submit(std::size_t post);
  void on_send(std::size_t post, const Answer& answer);
  void submit_later(std::size_t post);
  void chore();

  World& world_;
  Posts& posts_;
  Checker& checker_;
  Dial dial_;
  const std::size_t channel_;
  const std::string callsign_;
  const std::vector<std::string> others_;
  const AgentHabits habits_;
  const std::size_t number_;
  std::shared_ptr<int> process_;  // what it plans ends with it
  std::map<std::uint64_t, Connection> links_;
  std::uint64_t requests_ = 0;
  std::string session_id_;
  bool joined_ = false;
  bool joining_ = false;
  bool receiving_ = false;
  bool silent_ = false;
  bool finishing_ = false;
  bool finished_ = false;
  std::size_t empty_reads_ = 0;
  MessageId last_id_ = 0;
  std::deque<MessageId> known_ids_;      // recent ones, to reply to and ask after
  std::map<std::size_t, int> tries_;     // of its posts that are not settled
  std::deque<std::size_t> sent_before_;  // posts with a client_id, for repeating them
};

}  // namespace rogerthat::sim
