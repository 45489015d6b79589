#include "net/loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace rogerthat::net {

namespace {

constexpr int kEventsPerRound = 256;
thread_local Loop* current_loop = nullptr;

int checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

}  // namespace

struct Loop::Impl {
  int epoll_fd = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  int wake_fd = checked(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
  Driver* driver = nullptr;
  std::vector<Driver*> attached;
  Now now = read_clocks();
  std::array<epoll_event, kEventsPerRound> events;
  std::span<epoll_event> pending;  // of this round, not yet told

  std::mutex mutex;  // over the mailbox:
  std::vector<Job> mailbox;
  bool asleep = false;  // a post must wake it
  bool stopping = false;

  std::vector<Job> jobs;  // taken out of the mailbox, being run

  ~Impl() {
    close(wake_fd);
    close(epoll_fd);
  }
  void wake() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the loop is awake.
    [[maybe_unused]] const auto written = write(wake_fd, &one, sizeof one);
  }
  int sleep_time(Millis due) const;
  void tell_pending();
  void run_jobs();
  Millis run_timers();
};

// Truncated clock readings are made up for by rounding the sleep up, never down: an early wake-up
// would spin until the time has come.
int Loop::Impl::sleep_time(Millis due) const {
  if (due == kNever) return -1;
  return static_cast<int>(std::clamp<Millis>(due - now.steady, 0, kMinute));
}

void Loop::Impl::tell_pending() {
  while (!pending.empty()) {
    const epoll_event event = pending.front();
    pending = pending.subspan(1);
    if (auto* what = static_cast<Watched*>(event.data.ptr)) {
      what->on_ready(event.events);
      continue;
    }
    if (event.events == 0) continue;  // unwatched in this round
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(wake_fd, &count, sizeof count);
  }
}

void Loop::Impl::run_jobs() {
  for (Job& job : jobs) job();
  jobs.clear();
}

Millis Loop::Impl::run_timers() {
  Millis due = kNever;
  if (driver) due = driver->run_timers(now);
  for (Driver* d : attached) due = std::min(due, d->run_timers(now));
  return due;
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
  checked(epoll_ctl(impl_->epoll_fd, EPOLL_CTL_ADD, impl_->wake_fd, &event), "epoll_ctl");
}

Loop::~Loop() = default;

void Loop::set_driver(Driver* driver) {
  impl_->driver = driver;
}
void Loop::attach(Driver* driver) {
  impl_->attached.push_back(driver);
}
void Loop::detach(Driver* driver) {
  std::erase(impl_->attached, driver);
}

void Loop::run() {
  Loop* const outer = std::exchange(current_loop, this);
  Impl& m = *impl_;
  m.now = read_clocks();
  Millis due = m.run_timers();
  for (;;) {
    int timeout = m.sleep_time(due);
    {
      const std::lock_guard lock(m.mutex);
      if (std::exchange(m.stopping, false)) break;
      if (!m.mailbox.empty()) timeout = 0;
      m.asleep = timeout != 0;
    }
    const int count = epoll_wait(m.epoll_fd, m.events.data(), kEventsPerRound, timeout);
    if (count < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
    }
    m.now = read_clocks();
    {
      const std::lock_guard lock(m.mutex);
      m.asleep = false;
      m.jobs.swap(m.mailbox);
    }
    m.pending = std::span(m.events).first(static_cast<std::size_t>(std::max(count, 0)));
    m.tell_pending();
    m.run_jobs();
    due = m.run_timers();
    if (m.driver) m.driver->end_of_round();
    for (Driver* d : m.attached) d->end_of_round();
  }
  current_loop = outer;
}

void Loop::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    if (!std::exchange(impl_->asleep, false)) return;
  }
  impl_->wake();
}

void Loop::post(Job job) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->mailbox.push_back(std::move(job));
    if (!std::exchange(impl_->asleep, false)) return;
  }
  impl_->wake();
}

Now Loop::now() const {
  return impl_->now;
}
Loop* Loop::current() {
  return current_loop;
}

bool Loop::watch(int fd, std::uint32_t epoll_events, Watched* what) {
  epoll_event event{.events = epoll_events | EPOLLET, .data = {.ptr = what}};
  return epoll_ctl(impl_->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void Loop::unwatch(int fd, Watched* what) {
  epoll_ctl(impl_->epoll_fd, EPOLL_CTL_DEL, fd, nullptr);
  for (epoll_event& event : impl_->pending) {
    if (event.data.ptr == what) event = {};
  }
}

}  // namespace rogerthat::net
