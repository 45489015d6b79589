// A name service for tests: names are answered with 127.0.0.1, at once or when the test lets them.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "net/lookups.h"

namespace rogerthat::net {

class Names {
 public:
  std::function<FoundAddresses(const std::string&)> look_up() {
    return [this](const std::string& host) { return answer(host); };
  }
  // Names that begin so are held from now on.
  void hold(std::string_view beginning) {
    const std::lock_guard lock(mutex_);
    held_ = beginning;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_.clear();
    changed_.notify_all();
  }
  void await_running(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return running_ == count; });
  }
  std::size_t most() const {
    const std::lock_guard lock(mutex_);
    return most_;
  }
  std::size_t times(const std::string& host) {
    const std::lock_guard lock(mutex_);
    return times_[host];
  }

 private:
  FoundAddresses answer(const std::string& host) {
    std::unique_lock lock(mutex_);
    ++times_[host];
    most_ = std::max(most_, ++running_);
    changed_.notify_all();
    changed_.wait(lock, [&] { return held_.empty() || !host.starts_with(held_); });
    --running_;
    changed_.notify_all();
    return std::vector{*IpAddress::parse("127.0.0.1")};
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string held_;
  std::map<std::string, std::size_t> times_;
  std::size_t running_ = 0;  // look-ups that are under way, each on a thread
  std::size_t most_ = 0;     // ... at a time
};

}  // namespace rogerthat::net
