#include "run.h"

#include <algorithm>

namespace rogerthat::sim {

namespace {

// What is handed over reaches the disk within a second; the commit and the notice of it take their
// time beside that.
constexpr Millis kCursorsOnDisk = kSecond;
constexpr Millis kRoundSlack = 50;
constexpr Millis kBeginning = 500;  // until every channel has been created

Digest key() {
  Digest digest{};
  digest.fill(7);
  return digest;
}

}  // namespace

Run::Run(std::uint64_t seed, Plant plant, bool verbose)
    : world_(seed, verbose), plant_(plant), checker_(world_, posts_), codec_(key()) {
  weather_.duration = world_.between(20, 300) * kSecond;
  weather_.link_fate = world_.chance(0.2) ? 0 : 0.02 * static_cast<double>(world_.below(20));
  weather_.slow_reader = world_.chance(0.5) ? 0 : 0.3;
  weather_.slow_ack = world_.chance(0.3) ? 0 : 0.8;
  weather_.latency_max = world_.chance(0.5) ? 10 : 300;
  weather_.crashes = static_cast<int>(world_.below(5));
  weather_.full_disks = static_cast<int>(world_.below(3));
  weather_.clock_steps = static_cast<int>(world_.below(4));
  shards_ = 1 + static_cast<std::uint32_t>(world_.below(3));
  if (world_.chance(0.3)) stream_backlog_max_ = 2000;
  if (world_.chance(0.4)) memory_max_ = 2000 + world_.below(12'000);
  draw_channels();
  draw_agents();
}

Run::~Run() = default;

void Run::draw_channels() {
  const std::size_t count = 1 + world_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    core::ChannelRecord record;
    record.no = static_cast<core::ChannelNo>(i) + 1;
    record.id = fmt::format("channel-{}-{:04x}", i, world_.below(0x10000));
    record.created_at = world_.now().wall;
    core::ChannelOptions& options = record.options;
    options.durable = world_.chance(0.7);
    options.retention = static_cast<core::Retention>(world_.below(4));
    options.ring_size =
        world_.chance(0.5) ? 100 : 10 + static_cast<std::uint32_t>(world_.below(20));
    if (world_.chance(0.1)) options.ring_bytes = 8000;
    options.session_ttl = world_.chance(0.5) ? 1800 * kSecond : world_.between(5, 90) * kSecond;
    options.loop_guard = world_.chance(0.7) ? core::LoopGuardMode::off : core::LoopGuardMode::block;
    if (world_.chance(0.3)) {
      options.has_owner_password = true;
      if (world_.chance(0.5)) options.trust_mode = core::TrustMode::trusted;
    }
    if (world_.chance(0.2)) options.on_collision = core::OnCollision::reject;
    if (i + 1 == count && world_.chance(0.15)) {
      options = core::ChannelOptions{};
      options.band = true;
      record.id = "general";
      record.no = 0;
    }
    checker_.add_channel(record.id, options);
    channels_.push_back(std::move(record));
  }
}

void Run::draw_agents() {
  for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
    std::vector<std::string> callsigns;
    const std::size_t count = 2 + world_.below(4);
    for (std::size_t i = 0; i < count; ++i) callsigns.push_back(fmt::format("agent-{}", i));
    for (const std::string& callsign : callsigns) {
      AgentHabits habits;
      habits.explicit_ack = world_.chance(0.25);
      const auto some = [this] { return 0.25 * static_cast<double>(world_.below(5)); };
      habits.streams = some();
      habits.names_since = some();
      habits.sends_ack = habits.explicit_ack ? 0.7 : some();
      habits.remembers = some();
      habits.fresh_link = some() * 0.8;
      habits.client_ids = some();
      habits.direct = some();
      habits.restless = world_.chance(0.5) ? 0.02 : 0.2;
      habits.think_max = world_.chance(0.5) ? 50 : 10'000;
      habits.send_every = world_.chance(0.5) ? 2000 : 15'000;
      if (world_.chance(0.1)) habits.padding_max = 2000;
      const bool guarded = channels_[channel].options.has_owner_password;
      std::vector<std::string> others = callsigns;
      std::erase(others, callsign);
      // Now and then two programs share a callsign, as they should not but do.
      const std::size_t programs = world_.chance(0.1) ? 2 : 1;
      if (programs > 1) checker_.shared(channel, callsign);
      for (std::size_t p = 0; p < programs; ++p) {
        habits.proves = guarded ? some() : 0;
        agents_.push_back(std::make_unique<Agent>(
            world_, posts_, checker_,
            [this](ClientEnd& client, bool faultless) { return dial(client, faultless); }, channel,
            callsign, others, habits, agents_.size()));
      }
    }
  }
}

Surroundings Run::surroundings() {
  return {world_,
          posts_,
          checker_,
          disk_,
          codec_,
          channels_,
          plant_,
          shards_,
          stream_backlog_max_,
          memory_max_,
          [this](CommitPoint point) { return crash_here(point); }};
}

std::shared_ptr<Link> Run::dial(ClientEnd& client, bool faultless) {
  if (!server_) return nullptr;
  LinkHabits habits;
  habits.latency = faultless ? 1 : world_.between(1, weather_.latency_max);
  if (!faultless && world_.chance(weather_.slow_reader)) {
    habits.read_delay = world_.between(1, 3000);
    habits.window = 1 + world_.below(3);
    habits.send_buffer = 1 + world_.below(4);
  }
  if (!faultless && world_.chance(weather_.slow_ack)) habits.ack_delay = world_.between(40, 200);
  if (!faultless && world_.chance(weather_.link_fate)) {
    habits.fate = static_cast<Fate>(1 + world_.below(4));
    habits.fate_step = world_.below(world_.chance(0.5) ? 8 : 60);
  }
  auto link = std::make_shared<Link>(world_, ++links_, habits, client, *server_);
  server_->connected(link);
  return link;
}

// -------------------------------------------------------------------------------------------
// storms

void Run::plan_storms() {
  for (int i = 0; i < weather_.crashes; ++i) {
    world_.after(world_.between(2 * kBeginning, weather_.duration), [this] { plan_crash(); });
  }
  for (int i = 0; i < weather_.full_disks; ++i) {
    const Millis begins = world_.between(2 * kBeginning, weather_.duration);
    world_.after(begins, [this] {
      if (calm_) return;
      world_.trace("the disk is full");
      disk_.refuses = true;
    });
    world_.after(begins + world_.between(10, 20'000), [this] { disk_.refuses = false; });
  }
  for (int i = 0; i < weather_.clock_steps; ++i) {
    world_.after(world_.between(2 * kBeginning, weather_.duration), [this] {
      world_.step_wall_clock(world_.chance(0.7) ? -world_.between(1, 2 * kHour)
                                                : world_.between(1, kMinute));
    });
  }
  for (int i = 0; i < 3; ++i) {  // a disk that is quick now and slow then
    world_.after(world_.between(2 * kBeginning, weather_.duration), [this] {
      disk_.latency_max = world_.chance(0.5) ? 5 : world_.between(20, 400);
      latency_seen_ = std::max(latency_seen_, disk_.latency_max);
    });
  }
}

void Run::plan_crash() {
  if (calm_ || !server_) return;
  if (world_.chance(weather_.graceful)) {
    world_.trace("a restart is announced");
    server_->drain();
    draining_ = true;
    world_.after(world_.between(1, 3000), [this] { crash(); });
  } else if (world_.chance(weather_.crash_at_commit)) {
    crash_waits_ = true;
    commits_to_crash_ = world_.below(9);
  } else {
    crash();
  }
}

// The store asks at every commit point whether the process ends here.
bool Run::crash_here(CommitPoint point) {
  if (!crash_waits_ || calm_ || commits_to_crash_-- > 0) return false;
  crash_waits_ = false;
  world_.trace("crash at commit point {}", static_cast<int>(point));
  // After the notice it goes on for a moment: the answer may be on its way, or not.
  world_.after(point == CommitPoint::after_notice ? world_.between(0, 6) : 0, [this] { crash(); });
  return point != CommitPoint::after_notice;
}

void Run::crash() {
  if (!server_ || calm_) return;
  const bool machine = world_.chance(0.3);
  world_.trace("life {} ends{}", life_, machine ? " with the machine" : "");
  const Millis slack = 2 * latency_seen_ + kRoundSlack;
  Millis journalled = world_.time() - kCursorsOnDisk - slack;
  const SimStore::Outage outage = server_->store().outage();
  if (outage.to > journalled) {
    journalled = std::min(journalled, outage.from - kCursorsOnDisk - slack);
  }
  const auto used = [this](const std::string& channel) {
    const auto marked = [&](const auto& row) {
      return row.second.id == channel && row.second.ever_joined;
    };
    return std::ranges::any_of(disk_.channels, marked) ||
           disk_.records.contains({store::RecordKind::band, channel});
  };
  checker_.crashed(journalled, disk_.id_ceiling, outage.to > world_.time(), used);
  server_->crash(machine);
  server_.reset();
  crash_waits_ = draining_ = false;
  if (machine) world_.restart_machine();
  if (world_.chance(0.4)) {
    world_.step_wall_clock(world_.chance(0.7) ? -world_.between(1, 2 * kHour)
                                              : world_.between(1, kMinute));
  }
  world_.after(world_.between(10, 15'000), [this] { restart(); });
}

void Run::restart() {
  if (server_) return;
  server_ = std::make_unique<Server>(surroundings(), ++life_);
  server_->start();
}

void Run::calm_down() {
  if (draining_) crash();
  calm_ = true;
  disk_.refuses = false;
  disk_.latency_max = 5;
  world_.trace("calm");
  if (!server_) restart();
  for (const auto& agent : agents_) agent->fall_silent();
  world_.run_until(world_.time() + 30 * kSecond);  // what is under way comes to its end
  for (const auto& agent : agents_) agent->finish();
  // A callsign may be held by a session nobody has: then it takes its time to live.
  const Millis give_up = world_.time() + 4 * 1800 * kSecond;
  const auto all_finished = [this] {
    return std::ranges::all_of(agents_, [](const auto& agent) { return agent->finished(); });
  };
  while (!world_.violation() && !all_finished() && world_.time() < give_up) {
    world_.run_until(world_.time() + kSecond);
  }
  if (world_.violation()) return;
  for (const auto& agent : agents_) {
    if (!agent->finished()) {
      world_.violate("in calm weather everybody can join and read",
                     fmt::format("{} never comes to an end", agent->callsign()));
    }
  }
  checker_.finish();
}

RunResult Run::go() {
  restart();
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (!channels_[i].options.band) server_->create(i);
  }
  world_.run_until(kBeginning);
  for (const auto& agent : agents_) {
    world_.after(world_.between(0, 5000), [&agent] { agent->begin(); });
  }
  plan_storms();
  world_.run_until(weather_.duration);
  if (!world_.violation()) calm_down();
  return {world_.violation(), world_.trace_hash(), world_.steps(), posts_.size(), life_};
}

}  // namespace rogerthat::sim
