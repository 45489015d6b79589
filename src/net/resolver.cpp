#include "net/resolver.h"

#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace rogerthat::net {

namespace {

std::optional<std::vector<IpAddress>> known_without_asking(const std::string& host) {
  if (const auto address = IpAddress::parse(host)) return std::vector{*address};
  // RFC 6761: these never leave the machine, whatever a name server says.
  if (host == "localhost" || host.ends_with(".localhost")) {
    return std::vector{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")};
  }
  return std::nullopt;
}

}  // namespace

// What threads hold of a resolver, which may be gone when they are done.
struct Resolver::Shared {
  std::mutex mutex;
  Resolver* resolver = nullptr;  // null: gone. Changed only on the loop's thread

  // Any thread.
  static void answer(const std::shared_ptr<Shared>& shared, std::uint64_t question, Found found);
};

void Resolver::Shared::answer(const std::shared_ptr<Shared>& shared, std::uint64_t question,
                              Found found) {
  const std::lock_guard lock(shared->mutex);
  if (shared->resolver == nullptr) return;
  shared->resolver->loop_.post([question, found = std::move(found), shared]() mutable {
    if (shared->resolver == nullptr) return;
    auto asked = shared->resolver->asked_.extract(question);
    if (!asked.empty()) asked.mapped()(std::move(found));
  });
}

Resolver::Resolver(Loop& loop, Lookups& lookups)
    : loop_(loop), lookups_(lookups), shared_(std::make_shared<Shared>()) {
  shared_->resolver = this;
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->resolver = nullptr;
}

void Resolver::resolve(const std::string& host, Done done) {
  const std::uint64_t question = ++last_question_;
  asked_.emplace(question, std::move(done));
  if (auto known = known_without_asking(host)) {
    return Shared::answer(shared_, question, std::move(*known));
  }
  if (asked_.size() > kQuestionsMax) {
    return Shared::answer(shared_, question, std::unexpected("too many names are being looked up"));
  }
  lookups_.ask(host, [shared = shared_, question](const Found& found) {
    Shared::answer(shared, question, found);
  });
}

}  // namespace rogerthat::net
