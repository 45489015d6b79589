// Names to addresses without holding up a loop. Lives here: the look-up on threads of its own,
// few and short-lived, because getaddrinfo() takes its time.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/address.h"
#include "net/loop.h"

namespace rogerthat::net {

class Resolver {
 public:
  using Found = std::expected<std::vector<IpAddress>, std::string>;  // the error: why not
  using Done = std::move_only_function<void(Found)>;

  static constexpr std::size_t kLookupsUsual = 4;

  // `lookups_max`: names that are looked up at a time; a bounded number of further ones waits.
  // Where no name server answers, a look-up takes some seconds.
  explicit Resolver(Loop& loop, std::size_t lookups_max = kLookupsUsual);
  // Look-ups that run are left to end by themselves; nobody hears of them.
  ~Resolver();

  // `done` is called on the loop's thread, never from within this call. Addresses and `localhost`
  // need no thread.
  void resolve(std::string host, Done done);

 private:
  struct Shared;
  void answer(std::uint64_t question, Found found);

  Loop& loop_;
  std::shared_ptr<Shared> shared_;
  // By question. What is to be called never leaves the loop: it may hold what belongs there.
  std::unordered_map<std::uint64_t, Done> asked_;
  std::uint64_t last_question_ = 0;
};

}  // namespace rogerthat::net
