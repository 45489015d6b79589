// A few threads for what must not hold up a loop: slow hashes and reads from disk. Bounded: when
// the queue is full, submit() refuses and the caller answers 503.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rogerthat::hub {

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue_max);
  ~WorkerPool();
  void stop();  // runs what is queued, then ends its threads; submit() refuses from then on
  [[nodiscard]] bool submit(std::move_only_function<void()> job);
  std::size_t queued() const;

 private:
  void work();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> queue_;
  std::size_t queue_max_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rogerthat::hub
