#include "cli/signals.h"

#include <cerrno>

#include <unistd.h>

namespace rogerthat::cli {

namespace {
Signal meaning_of(int number) {
  return number == SIGHUP ? Signal::reload : Signal::end;
}
}  // namespace

Signals::Signals() {
  sigemptyset(&set_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, number);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file size limit is an error of the store, no end
}

std::optional<Signal> Signals::wait_for(Millis time) {
  const timespec limit{.tv_sec = time / kSecond, .tv_nsec = (time % kSecond) * 1'000'000};
  const int number = sigtimedwait(&set_, nullptr, &limit);
  if (number > 0) return meaning_of(number);
  return std::nullopt;
}

void Signals::send_end() {
  kill(getpid(), SIGTERM);
}

}  // namespace rogerthat::cli
