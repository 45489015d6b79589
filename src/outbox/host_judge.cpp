#include "outbox/host_judge.h"

#include <utility>

#include <fmt/format.h>

#include "outbox/hook_url.h"

namespace rogerthat::outbox {

namespace {

Error too_slow() {
  return {
      ErrorCode::unavailable,
      fmt::format("url is not usable now: no name server has answered for its host within {} s.",
                  HostJudge::kTimeMax / kSecond),
      "Check the name, or try again later.", HostJudge::kTimeMax / kSecond};
}

Error going_down() {
  return {ErrorCode::unavailable, "The hub is going down: the host of url was not looked up.",
          "Try again when it is back.", HostJudge::kTimeMax / kSecond};
}

}  // namespace

void HostJudge::judge(const std::string& host, const std::vector<net::IpNetwork>& allowed,
                      hub::Done<void> done) {
  if (draining_) return done(std::unexpected(going_down()));
  const std::uint64_t number = ++last_number_;
  const auto timer =
      timers_.after(kTimeMax, [this, number] { answer(number, std::unexpected(too_slow())); });
  questions_.emplace(number, Question{std::move(done), timer});
  resolver_.resolve(host, [this, number, &allowed](const net::Resolver::Found& found) {
    answer(number, judge_hook_host(found, allowed));
  });
}

// A look-up cannot be called off: what it finds when nobody waits any more is of no concern.
void HostJudge::answer(std::uint64_t number, Result<void> verdict) {
  auto question = questions_.extract(number);
  if (question.empty()) return;
  timers_.cancel(question.mapped().timer);
  question.mapped().done(std::move(verdict));
}

void HostJudge::drain() {
  draining_ = true;
  for (auto& [number, question] : std::exchange(questions_, {})) {
    timers_.cancel(question.timer);
    question.done(std::unexpected(going_down()));
  }
}

}  // namespace rogerthat::outbox
