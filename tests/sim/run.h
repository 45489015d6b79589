// One run: a world with disk, hub and agents, drawn from a seed, through storms to a calm end. What
// is drawn, and the storms. What must hold is the checker's business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "agent.h"
#include "checker.h"
#include "disk.h"
#include "plants.h"
#include "posts.h"
#include "server.h"
#include "store/codec.h"
#include "world.h"

namespace rogerthat::sim {

struct RunResult {
  std::optional<Violation> violation;
  std::uint64_t trace_hash = 0;
  std::uint64_t steps = 0;
  std::size_t posts = 0;
  unsigned lives = 0;
};

class Run {
 public:
  Run(std::uint64_t seed, Plant plant, bool verbose);
  ~Run();
  RunResult go();

 private:
  // How rough it is; drawn once per run.
  struct Weather {
    Millis duration = 120 * kSecond;
    double link_fate = 0.1;  // of connections that come to an early end
    double slow_reader = 0.05;
    double slow_ack = 0.5;  // of connections whose peer's kernel sits on acknowledgements
    Millis latency_max = 50;
    int crashes = 2;
    double crash_at_commit = 0.5;  // of them: at a commit point, not at any moment
    int full_disks = 1;
    int clock_steps = 1;
    double graceful = 0.1;  // restarts that were announced
  };
  void draw_channels();
  void draw_agents();
  Surroundings surroundings();
  std::shared_ptr<Link> dial(ClientEnd& client, bool faultless);
  bool crash_here(CommitPoint point);
  void plan_storms();
  void plan_crash();
  void crash();
  void restart();
  void calm_down();

  World world_;
  Plant plant_;
  Weather weather_;
  Posts posts_;
  Checker checker_;
  Disk disk_;
  store::EventCodec codec_;
  std::uint32_t shards_ = 1;
  std::size_t stream_backlog_max_ = 4 << 20;
  std::size_t memory_max_ = 0;
  std::vector<core::ChannelRecord> channels_;
  std::vector<std::unique_ptr<Agent>> agents_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Server> fallen_;  // ends when nothing of it is on the stack any more
  unsigned life_ = 0;
  std::uint64_t links_ = 0;
  bool crash_waits_ = false;  // for a commit point
  std::uint64_t commits_to_crash_ = 0;
  bool draining_ = false;
  bool calm_ = false;
  Millis latency_seen_ = 5;
};

}  // namespace rogerthat::sim
