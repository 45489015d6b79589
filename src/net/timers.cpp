#include "net/timers.h"

namespace rogerthat::net {

Timers::Timers(Loop& loop) : loop_(loop) {
  loop_.attach(this);
}

Timers::~Timers() {
  loop_.detach(this);
}

Timers::Id Timers::after(Millis delay, Loop::Job job) {
  const Id id{loop_.now().steady + delay, ++last_};
  jobs_.emplace(id, std::move(job));
  if (id.first < told_) {
    // The loop may have asked already in this round: another round makes it ask again.
    told_ = id.first;
    loop_.post([] {});
  }
  return id;
}

Millis Timers::run_timers(Now now) {
  while (!jobs_.empty() && jobs_.begin()->first.first <= now.steady) {
    auto due = jobs_.extract(jobs_.begin());
    due.mapped()();
  }
  told_ = jobs_.empty() ? kNever : jobs_.begin()->first.first;
  return told_;
}

}  // namespace rogerthat::net
