// Names to addresses for one loop: asks the look-ups of the process and answers on the loop's own
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "net/lookups.h"
#include "net/loop.h"

namespace rogerthat::net {

class Resolver {
 public:
  using Found = FoundAddresses;
  using Done = std::move_only_function<void(Found)>;

  static constexpr std::size_t kQuestionsMax = 1000;  // that wait for their answer here

  explicit Resolver(Loop& loop, Lookups& lookups = Lookups::of_process());
  // Nobody hears of look-ups that run.
  ~Resolver();

  // `done` is called on the loop's thread, never from within this call. Addresses and `localhost`
  // need no look-up.
  void resolve(const std::string& host, Done done);

 private:
  struct Shared;

  Loop& loop_;
  Lookups& lookups_;
  std::shared_ptr<Shared> shared_;
  // By question. What is to be called never leaves the loop: it may hold what belongs there.
  std::unordered_map<std::uint64_t, Done> asked_;
  std::uint64_t last_question_ = 0;
};

}  // namespace rogerthat::net
