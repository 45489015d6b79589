#include "net/resolver.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <netdb.h>
#include <resolv.h>

#include "net/socket.h"

namespace rogerthat::net {

namespace {

constexpr std::size_t kWaitingMax = 1000;
constexpr std::size_t kAddressesMax = 16;  // of one name; more are not tried anyway

std::optional<std::vector<IpAddress>> known_without_asking(const std::string& host) {
  if (const auto address = IpAddress::parse(host)) return std::vector{*address};
  // RFC 6761: these never leave the machine, whatever a name server says.
  if (host == "localhost" || host.ends_with(".localhost")) {
    return std::vector{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")};
  }
  return std::nullopt;
}

// The patience of this thread with name servers. The system's own, half a minute and more, is
// longer than anybody here waits, and a look-up cannot be called off.
void be_impatient() {
  constexpr int kTries = 2;
  constexpr int kSecondsATry = 2;
  if (res_init() != 0) return;
  _res.retry = std::min(_res.retry, kTries);
  _res.retrans = std::min(_res.retrans, kSecondsATry);
}

Resolver::Found look_up(const std::string& host) {
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

struct Question {
  std::string host;
  std::uint64_t number = 0;
};

}  // namespace

// Outlives the resolver as long as a look-up runs.
struct Resolver::Shared {
  std::mutex mutex;
  Loop* loop = nullptr;          // null: the resolver is gone
  Resolver* resolver = nullptr;  // set and cleared with the loop
  std::deque<Question> waiting;
  std::size_t threads = 0;
  std::size_t threads_max = kLookupsUsual;

  // On a thread of its own: answers until nobody waits.
  static void work(const std::shared_ptr<Shared>& shared);
};

void Resolver::Shared::work(const std::shared_ptr<Shared>& shared) {
  be_impatient();
  std::unique_lock lock(shared->mutex);
  while (shared->loop != nullptr && !shared->waiting.empty()) {
    Question question = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    Found found = look_up(question.host);
    lock.lock();
    if (shared->loop == nullptr) break;
    shared->loop->post([number = question.number, found = std::move(found),
                        alive = std::weak_ptr(shared)]() mutable {
      const auto still = alive.lock();
      // The resolver is set and cleared on this very thread.
      if (still && still->resolver != nullptr) still->resolver->answer(number, std::move(found));
    });
  }
  --shared->threads;
}

Resolver::Resolver(Loop& loop, std::size_t lookups_max)
    : loop_(loop), shared_(std::make_shared<Shared>()) {
  shared_->threads_max = lookups_max;
  shared_->loop = &loop;
  shared_->resolver = this;
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->resolver = nullptr;
  shared_->waiting.clear();
}

void Resolver::answer(std::uint64_t question, Found found) {
  auto asked = asked_.extract(question);
  if (!asked.empty()) asked.mapped()(std::move(found));
}

void Resolver::resolve(std::string host, Done done) {
  const std::uint64_t question = ++last_question_;
  asked_.emplace(question, std::move(done));
  const auto answer_later = [this](std::uint64_t number, Found found) {
    loop_.post([number, found = std::move(found), alive = std::weak_ptr(shared_)]() mutable {
      const auto still = alive.lock();
      if (still && still->resolver != nullptr) still->resolver->answer(number, std::move(found));
    });
  };
  if (auto known = known_without_asking(host)) return answer_later(question, std::move(*known));
  bool full = false;
  {
    const std::lock_guard lock(shared_->mutex);
    full = shared_->waiting.size() >= kWaitingMax;
    if (!full) {
      shared_->waiting.push_back({std::move(host), question});
      if (shared_->threads >= shared_->threads_max) return;
      ++shared_->threads;
    }
  }
  if (full) return answer_later(question, std::unexpected("too many names are being looked up"));
  try {
    std::thread([shared = shared_] { Shared::work(shared); }).detach();
  } catch (const std::system_error& error) {
    std::deque<Question> stuck;
    {
      const std::lock_guard lock(shared_->mutex);
      if (--shared_->threads > 0) return;  // another one gets to it
      stuck.swap(shared_->waiting);
    }
    for (const Question& each : stuck) {
      answer_later(each.number,
                   std::unexpected(fmt::format("no thread for the look-up: {}", error.what())));
    }
  }
}

}  // namespace rogerthat::net
