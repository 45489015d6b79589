// One life of the process: shards over the simulated store, and in front of them what the api room
// does, reduced to values. It ends by being destroyed, at any moment.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "checker.h"
#include "disk.h"
#include "hub/shard.h"
#include "link.h"
#include "plants.h"
#include "posts.h"
#include "world.h"

namespace rogerthat::sim {

// What outlives the process.
struct Surroundings {
  World& world;
  Posts& posts;
  Checker& checker;
  Disk& disk;
  const store::EventCodec& codec;
  std::vector<core::ChannelRecord>& channels;  // by their place in requests; bands have no number
  Plant plant = Plant::none;
  std::uint32_t shards = 1;
  std::size_t stream_backlog_max = 4 << 20;
  std::size_t memory_max = 0;  // of each shard; 0: no bound
  std::function<bool(CommitPoint)> crash_here;
};

class SimReceiver;

class Server final : public ServerEnd, public store::Listener {
 public:
  Server(Surroundings surroundings, unsigned life);
  ~Server() override;

  bool start();  // loads what the disk has; false: it cannot be read
  void create(std::size_t channel);
  void connected(std::shared_ptr<Link> link);
  void crash(bool machine_too);
  void drain();
  const SimStore& store() const { return store_; }

  // ServerEnd
  void request_arrived(Link& link, Request request) override;
  void acknowledgement_arrived(Link&) override {}
  void drained(Link& link) override;
  void closed(Link& link) override;

  // store::Listener, already on the shards' thread
  void committed(std::uint32_t shard, store::Ticket ticket) override;
  void failing(const std::string& reason) override;
  void recovered() override;

 private:
  friend class SimReceiver;
  struct Connection {
    std::shared_ptr<Link> link;
    std::unique_ptr<SimReceiver> receiver;  // of the latest receive on it
    std::optional<std::size_t> awaits_on;   // the channel of a send that waits
    hub::AwaitId await_id = 0;
  };
  hub::Shard& shard_of(std::size_t channel);
  hub::ChannelEntry* find(std::size_t channel);
  hub::Shard& enter(std::size_t channel);  // sets its clock and plans the end of its round
  void end_of_round(std::uint32_t shard);
  void join(const std::shared_ptr<Link>& link, const Request& request);
  void send(const std::shared_ptr<Link>& link, const Request& request);
  void awaited(const Request& request, const hub::SendReply& reply, Millis waited);
  void receive(Connection& connection, const Request& request);
  void leave(const std::shared_ptr<Link>& link, const Request& request);
  void history(const std::shared_ptr<Link>& link, const Request& request);
  void receipts(const std::shared_ptr<Link>& link, const Request& request);
  void answer(const std::shared_ptr<Link>& link, Answer answer);
  void check_bounds();
  void check_memory();
  void note_evictions();

  Surroundings s_;
  unsigned life_;
  SeededRandom random_;
  SimStore store_;
  std::vector<std::unique_ptr<hub::Shard>> shards_;
  std::map<std::uint64_t, Connection> connections_;
  std::vector<bool> round_planned_;
  std::vector<Millis> wake_at_;  // of each shard, simulation time
  bool draining_ = false;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

SeenMessage seen(const hub::ChannelEntry& entry, const core::Message& message);

}  // namespace rogerthat::sim
