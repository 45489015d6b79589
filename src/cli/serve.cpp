#include "cli/serve.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "api/documents/discovery.h"
#include "base/crypto.h"
#include "base/version.h"
#include "cli/banner.h"
#include "cli/command.h"
#include "cli/log_sink.h"
#include "cli/machine_memory.h"
#include "cli/memory_return.h"
#include "cli/signals.h"
#include "core/public_bands.h"
#include "hub/hub.h"
#include "net/loop.h"
#include "net/server.h"
#include "store/codec.h"
#include "store/data_dir.h"
#include "store/key_file.h"
#include "store/sqlite_store.h"

namespace rogerthat::cli {

namespace {

constexpr std::uint32_t kShardsMax = 256;
constexpr Millis kLook = 2 * kSecond;        // at the data directory, and at memory
constexpr Millis kDrainLook = 10;            // how often the end of a drain is looked for
constexpr std::size_t kFilesOfProcess = 64;  // its store, logs and look-ups
constexpr std::size_t kFilesPerShard = 80;   // listeners, and requests to receivers of webhooks

std::uint32_t usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return std::clamp<std::uint32_t>(static_cast<std::uint32_t>(CPU_COUNT(&cores)), 1, kShardsMax);
}

// Every connection is a descriptor; the soft limit is often 1024 for the sake of old programs.
void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// The memory holds keys, messages and what is needed to open sessions: none of it belongs into a
// file that is kept or mailed. A limit of 1 also stops what a program collects (core(5)), which one
// of 0 does not.
void forbid_core_dumps() {
  rlimit cores{};
  if (getrlimit(RLIMIT_CORE, &cores) != 0) return;
  cores.rlim_cur = cores.rlim_max = std::min<rlim_t>(1, cores.rlim_max);
  setrlimit(RLIMIT_CORE, &cores);
}

// Connections are turned away, or end for others, before descriptors run out: then nothing would
// say for whom. And one address never has all of them.
net::ServerOptions server_options(const Settings& settings, std::size_t shards) {
  net::ServerOptions options = settings.http;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
    const std::size_t all = files.rlim_cur;
    const std::size_t other = std::min(kFilesOfProcess + kFilesPerShard * shards, all / 4);
    options.connections_max =
        std::min(options.connections_max, std::max<std::size_t>(1, all - other));
  }
  options.connections_per_address_max = std::min(
      options.connections_per_address_max, std::max<std::size_t>(1, options.connections_max / 2));
  return options;
}

// A shard of the hub as the runtime of a loop.
class ShardDriver final : public net::Driver {
 public:
  explicit ShardDriver(hub::Shard& shard) : shard_(shard) {}
  Millis run_timers(Now now) override { return shard_.run_timers(now); }
  void end_of_round() override { shard_.flush(); }

 private:
  hub::Shard& shard_;
};

hub::HubOptions hub_options(const Settings& settings) {
  hub::HubOptions options = settings.hub;
  if (options.shards == 0) options.shards = usable_cores();
  if (options.memory_max == 0) options.memory_max = usable_memory() / 2;
  for (const core::Band& band : core::bands()) options.bands.emplace_back(band.name);
  return options;
}

std::optional<Digest> hash_of(const std::optional<HashedSecret>& secret) {
  return secret ? std::optional(secret->hash) : std::nullopt;
}

api::ApiOptions api_options(const Settings& settings, const Digest& key) {
  api::ApiOptions options;
  options.site.version = version();
  options.site.public_origin = settings.origin;
  options.site.client_command = settings.client_command;
  options.site.operator_contact = settings.operator_contact;
  options.site.homepage = settings.homepage;
  options.site.hub_token_needed = settings.token.has_value();
  options.site.loopback_only = settings.bound_to_loopback();
  options.site.this_machine_only = settings.this_machine_only();
  options.site.limits = settings.hub.limits;
  options.key = key;
  options.hub_token = hash_of(settings.token);
  options.admin_token = hash_of(settings.admin_token);
  options.handles = settings.handles;
  if (!settings.smtp.host.empty()) options.smtp = settings.smtp;
  options.webhook_allow = settings.webhook_allow;
  options.allowed_hosts = settings.allowed_hosts;
  options.cors_origins = settings.cors_origins;
  return options;
}

// All rooms of one process. Built bottom up, run, taken down in order.
class Process {
 public:
  explicit Process(const Settings& settings) : settings_(settings) {}

  Result<void> open();         // what is on disk, and the port
  void run(Signals& signals);  // until a signal has ended it
  int port() const { return server_->port(); }
  bool failed() const { return failed_; }

 private:
  Result<void> open_store();
  void build();
  void start_threads();
  std::size_t memory_in_use() const;
  void wait_for_end(Signals& signals);
  void reload();
  void look_at_place();
  void drain(Signals& signals);
  void take_down();

  const Settings& settings_;
  std::optional<store::DataDir> data_dir_;
  std::vector<std::unique_ptr<net::Loop>> loops_;
  Digest key_{};  // of the data directory
  std::unique_ptr<store::EventCodec> codec_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<hub::Hub> hub_;
  std::vector<std::unique_ptr<ShardDriver>> drivers_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<net::Server> server_;
  std::vector<std::thread> threads_;
  store::DataDir::Place place_ = store::DataDir::Place::as_it_was;
  std::atomic<bool> failed_{false};
};

Result<void> Process::open() {
  if (auto opened = open_store(); !opened) return opened;
  build();
  auto listening = server_->listen();
  if (listening) data_dir_->keep();
  return listening;
}

Result<void> Process::open_store() {
  auto dir = store::DataDir::open(settings_.data_dir);
  if (!dir) return std::unexpected(std::move(dir.error()));
  data_dir_.emplace(std::move(*dir));
  SystemRandom random;
  const auto key = store::load_or_create_key(settings_.data_dir, random);
  if (!key) return std::unexpected(key.error());
  key_ = *key;
  codec_ = std::make_unique<store::EventCodec>(key_);
  auto store = store::SqliteStore::open(
      {.dir = settings_.data_dir, .key = *key, .transcript_bytes_max = settings_.transcript_bytes});
  if (!store) return std::unexpected(std::move(store.error()));
  store_ = std::move(*store);
  return {};
}

void Process::build() {
  hub::HubOptions options = hub_options(settings_);
  std::vector<net::Loop*> loops;
  for (std::uint32_t n = 0; n < options.shards; ++n) {
    loops_.push_back(std::make_unique<net::Loop>());
    loops.push_back(loops_.back().get());
  }
  hub_ =
      std::make_unique<hub::Hub>(std::move(options), *store_, *codec_,
                                 [this](std::uint32_t shard, std::move_only_function<void()> job) {
                                   loops_[shard]->post(std::move(job));
                                 });
  for (std::uint32_t n = 0; n < hub_->shard_count(); ++n) {
    drivers_.push_back(std::make_unique<ShardDriver>(hub_->shard(n)));
    loops_[n]->set_driver(drivers_.back().get());
  }
  api_ = std::make_unique<api::Api>(api_options(settings_, key_), *hub_, loops);
  server_ = std::make_unique<net::Server>(server_options(settings_, loops.size()), loops, *api_);
  api_->set_server(server_.get());
}

void Process::run(Signals& signals) {
  start_threads();
  hub_->start([this](const Error& error) {
    log(LogLevel::error, "the store cannot be read", {{"reason", error.message}});
    failed_ = true;
    Signals::send_end();
  });
  wait_for_end(signals);
  drain(signals);
  take_down();
}

// What clients make the process hold, about: it tells when much of it has gone.
std::size_t Process::memory_in_use() const {
  constexpr std::size_t kConnection = 4 << 10;
  return hub_->held() + server_->counters().open * kConnection;
}

void Process::wait_for_end(Signals& signals) {
  MemoryReturn memory;
  while (true) {
    const std::optional<Signal> signal = signals.wait_for(kLook);
    if (signal == Signal::end) return;
    if (signal == Signal::reload) reload();
    look_at_place();
    memory.look(memory_in_use());
  }
}

void Process::start_threads() {
  for (const auto& loop : loops_) {
    threads_.emplace_back([&loop = *loop] { loop.run(); });
  }
}

// Somebody who tidies up may take away what holds the data. Nothing is lost by it: the store
// refuses what it could write only to where nobody would find it.
void Process::look_at_place() {
  using Place = store::DataDir::Place;
  const Place place = data_dir_->look();
  const Place before = std::exchange(place_, place);
  if (place == Place::locked_again) {
    log(LogLevel::warning, "the lock file was removed: made again",
        {{"data_dir", settings_.data_dir}});
    place_ = Place::as_it_was;
  }
  if (place == Place::taken) {
    // Only a program that does not know of the other locks gets there. Writing on would mix the
    // two.
    log(LogLevel::error, "another process has taken the data directory: ended at once",
        {{"data_dir", settings_.data_dir}});
    _exit(kFailure);
  }
  if (place == before) return;
  if (place == Place::elsewhere) {
    log(LogLevel::error,
        "the data directory was moved or removed: nothing is stored until it is back",
        {{"data_dir", settings_.data_dir}});
  } else if (before == Place::elsewhere) {
    log(LogLevel::info, "the data directory is back", {{"data_dir", settings_.data_dir}});
  }
}

void Process::reload() {
  if (settings_.http.tls_certificate_file.empty()) return;
  if (const auto done = server_->reload_tls(); !done) {
    log(LogLevel::error, "certificate not reloaded", {{"reason", done.error().message}});
    return;
  }
  log(LogLevel::info, "certificate reloaded");
}

void Process::drain(Signals& signals) {
  log(LogLevel::info, "draining", {{"open", server_->counters().open}});
  hub_->begin_drain();
  api_->begin_drain();
  server_->begin_drain();
  const Millis deadline = read_clocks().steady + settings_.drain_time;
  while (!(server_->drained() && api_->drained()) && read_clocks().steady < deadline) {
    if (signals.wait_for(kDrainLook) != Signal::end) continue;
    log(LogLevel::warning, "ended at once by a second signal");
    // What was acknowledged is on disk already; the next start reads it as after a crash.
    _exit(kFailure);
  }
}

// The store goes before the hub, because its thread calls the hub as long as it lives; everybody
// who calls the store has ended by then.
void Process::take_down() {
  server_->close_all();
  hub_->stop();
  if (!hub_->store_healthy()) {
    log(LogLevel::error, "ended while the disk refuses writes: what waited for it is not stored");
    failed_ = true;
  }
  for (const auto& loop : loops_) loop->stop();
  for (std::thread& thread : threads_) thread.join();
  store_.reset();
  server_.reset();
  log(LogLevel::info, "ended");
}

}  // namespace

int serve(const Settings& settings) {
  set_log_sink(
      make_log_sink(STDERR_FILENO, choose_log_style(settings.log_format, settings.log_level)));
  Signals signals;
  raise_file_limit();
  forbid_core_dumps();
  umask(077);  // nothing that is written here is anybody else's business

  Process process(settings);
  if (const auto opened = process.open(); !opened) {
    fmt::print(stderr, "rogerthat: {}\n", opened.error().message);
    if (!opened.error().hint.empty()) fmt::print(stderr, "{}\n", opened.error().hint);
    return kFailure;
  }
  fmt::print("{}", banner(settings, process.port()));
  std::fflush(stdout);
  log(LogLevel::info, "listening", {{"host", settings.http.host}, {"port", process.port()}});
  process.run(signals);
  return process.failed() ? kFailure : kSuccess;
}

}  // namespace rogerthat::cli
