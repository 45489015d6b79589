#include "net/lookups.h"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <netdb.h>
#include <resolv.h>

#include "net/socket.h"

namespace rogerthat::net {

namespace {

constexpr std::size_t kAddressesMax = 16;  // of one name; more are not tried anyway

// The patience of this thread with name servers. The system's own, half a minute and more, is
// longer than anybody here waits.
void be_impatient() {
  constexpr int kTries = 2;
  constexpr int kSecondsATry = 2;
  if (res_init() != 0) return;
  _res.retry = std::min(_res.retry, kTries);
  _res.retrans = std::min(_res.retrans, kSecondsATry);
}

// In the order in which they come to a thread.
enum class Speed : std::uint8_t { quick, unknown, slow };
constexpr std::size_t kSpeeds = 3;

// How the last look-ups went. Two generations: when the young one is full, the old one is dropped.
class SpeedMemory {
 public:
  explicit SpeedMemory(std::size_t size) : size_(size) {}

  Speed of(const std::string& host) const {
    for (const auto* generation : {&young_, &old_}) {
      const auto found = generation->find(host);
      if (found != generation->end()) return found->second;
    }
    return Speed::unknown;
  }
  void note(const std::string& host, Speed speed) {
    if (young_.size() >= size_) old_ = std::exchange(young_, {});
    young_.insert_or_assign(host, speed);
  }

 private:
  const std::size_t size_;
  std::unordered_map<std::string, Speed> young_, old_;
};

// Who answers for a name, as far as that can be told without asking: its last two labels.
std::string zone_of(const std::string& host) {
  const auto last = host.rfind('.', host.ends_with('.') ? host.size() - 2 : host.npos);
  if (last == host.npos || last == 0) return host;
  const auto before = host.rfind('.', last - 1);
  return before == host.npos ? host : host.substr(before + 1);
}

struct Name {
  std::string host;
  std::string zone;  // empty: known to be quick, and counted nowhere
};

struct Zone {
  std::size_t waiting = 0;
  std::size_t running = 0;
};

}  // namespace

FoundAddresses look_up_addresses(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_ADDRCONFIG;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return std::unexpected(gai_strerror(error));
  std::vector<IpAddress> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
    sockaddr_storage raw{};
    std::copy_n(reinterpret_cast<const char*>(info->ai_addr), info->ai_addrlen,
                reinterpret_cast<char*>(&raw));
    const IpAddress address = to_ip(raw);
    const bool known = std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    if (!known && addresses.size() < kAddressesMax) addresses.push_back(address);
  }
  freeaddrinfo(found);
  if (addresses.empty()) return std::unexpected("the name has no address");
  return addresses;
}

// Shared with the threads: it lives until the last of them has ended.
struct Lookups::Impl {
  using Askers = std::vector<Tell>;

  explicit Impl(LookupOptions with)
      : options(std::move(with)),
        running_max{options.threads_max, options.unknown_max, options.slow_max},
        memory(options.remembered_max) {}

  const LookupOptions options;
  // Of a speed and all slower ones together.
  const std::array<std::size_t, kSpeeds> running_max;

  std::mutex mutex;  // over all that follows
  SpeedMemory memory;
  std::array<std::deque<Name>, kSpeeds> waiting;  // by speed
  std::array<std::size_t, kSpeeds> running{};
  std::unordered_map<std::string, Zone> zones;    // of names that wait or run
  std::unordered_map<std::string, Askers> asked;  // by such names
  std::size_t threads = 0;

  struct Turn {
    std::size_t speed;
    std::deque<Name>::difference_type at;  // among those that wait
  };

  bool may_wait(const Name& name) const;
  void wait(Name name, Speed speed);
  bool may_run(std::size_t speed) const;
  std::optional<Turn> next() const;
  Name begin(Turn turn);
  void end(const Name& name, std::size_t speed);
  static void start_thread(const std::shared_ptr<Impl>& impl);
  static void work(const std::shared_ptr<Impl>& impl);
};

bool Lookups::Impl::may_wait(const Name& name) const {
  const auto zone = zones.find(name.zone);
  if (zone != zones.end() && zone->second.waiting >= options.zone_waiting_max) return false;
  return waiting[0].size() + waiting[1].size() + waiting[2].size() < options.waiting_max;
}

void Lookups::Impl::wait(Name name, Speed speed) {
  if (!name.zone.empty()) ++zones[name.zone].waiting;
  waiting[static_cast<std::size_t>(speed)].push_back(std::move(name));
}

bool Lookups::Impl::may_run(std::size_t speed) const {
  // A slow one takes a thread of the unknown ones too, and each takes one of all.
  std::size_t taken = 0;
  for (std::size_t at = kSpeeds; at-- > 0;) {
    taken += running[at];
    if (at <= speed && taken >= running_max[at]) return false;
  }
  return true;
}

std::optional<Lookups::Impl::Turn> Lookups::Impl::next() const {
  const auto zone_may_run = [this](const Name& name) {
    return name.zone.empty() || zones.at(name.zone).running < options.zone_max;
  };
  for (std::size_t speed = 0; speed < kSpeeds; ++speed) {
    if (!may_run(speed)) continue;
    const auto found = std::ranges::find_if(waiting[speed], zone_may_run);
    if (found != waiting[speed].end()) return Turn{speed, found - waiting[speed].begin()};
  }
  return std::nullopt;
}

Name Lookups::Impl::begin(Turn turn) {
  const auto place = waiting[turn.speed].begin() + turn.at;
  Name name = std::move(*place);
  waiting[turn.speed].erase(place);
  ++running[turn.speed];
  if (!name.zone.empty()) {
    Zone& zone = zones.at(name.zone);
    --zone.waiting;
    ++zone.running;
  }
  return name;
}

void Lookups::Impl::end(const Name& name, std::size_t speed) {
  --running[speed];
  if (name.zone.empty()) return;
  const auto zone = zones.find(name.zone);
  --zone->second.running;
  if (zone->second.running == 0 && zone->second.waiting == 0) zones.erase(zone);
}

// One more, where there is something for it to do. Those that are at work look for more themselves.
void Lookups::Impl::start_thread(const std::shared_ptr<Impl>& impl) {
  std::unordered_map<std::string, Askers> stuck;
  std::string why;
  {
    const std::lock_guard lock(impl->mutex);
    if (impl->threads >= impl->options.threads_max || !impl->next()) return;
    try {
      std::thread([impl] { work(impl); }).detach();
      ++impl->threads;
      return;
    } catch (const std::system_error& error) {
      if (impl->threads > 0) return;  // another one gets to it
      why = fmt::format("no thread for the look-up: {}", error.what());
      stuck.swap(impl->asked);
      for (auto& names : impl->waiting) names.clear();
      impl->zones.clear();
    }
  }
  for (auto& [host, askers] : stuck) {
    for (Tell& tell : askers) tell(std::unexpected(why));
  }
}

// On a thread of its own: looks up until nothing may be looked up.
void Lookups::Impl::work(const std::shared_ptr<Impl>& impl) {
  be_impatient();
  std::unique_lock lock(impl->mutex);
  while (const auto turn = impl->next()) {
    const Name name = impl->begin(*turn);
    lock.unlock();
    const Millis begun = read_clocks().steady;
    const FoundAddresses found = impl->options.look_up(name.host);
    const Millis took = read_clocks().steady - begun;
    lock.lock();
    impl->end(name, turn->speed);
    impl->memory.note(name.host, took >= impl->options.slow ? Speed::slow : Speed::quick);
    auto asked = impl->asked.extract(name.host);
    lock.unlock();
    for (Tell& tell : asked.mapped()) tell(found);
    lock.lock();
  }
  --impl->threads;
}

Lookups::Lookups(LookupOptions options) : impl_(std::make_shared<Impl>(std::move(options))) {}

Lookups::~Lookups() {
  const std::lock_guard lock(impl_->mutex);
  for (auto& names : impl_->waiting) {
    for (const Name& name : names) impl_->asked.erase(name.host);
    names.clear();
  }
}

Lookups& Lookups::of_process() {
  // Never destroyed: its threads may outlive main().
  static Lookups& lookups = *new Lookups();
  return lookups;
}

void Lookups::ask(const std::string& host, Tell tell) {
  bool full = false;
  {
    const std::lock_guard lock(impl_->mutex);
    const auto same = impl_->asked.find(host);
    if (same != impl_->asked.end()) {
      same->second.push_back(std::move(tell));
      return;
    }
    const Speed speed = impl_->memory.of(host);
    Name name{host, speed == Speed::quick ? std::string() : zone_of(host)};
    full = !impl_->may_wait(name);
    if (!full) {
      impl_->wait(std::move(name), speed);
      impl_->asked[host].push_back(std::exchange(tell, nullptr));
    }
  }
  if (full) return tell(std::unexpected("too many names are being looked up"));
  Impl::start_thread(impl_);
}

}  // namespace rogerthat::net
