// Memory that clients make a loop keep. The tally and a share of it that gives itself
// back. One thread changes it; whoever moves to another loop gives its share back first.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace rogerthat::net {

struct Tally {
  std::atomic<std::size_t> bytes{0};  // any thread may look
  std::size_t bytes_max = 0;
  std::size_t get() const { return bytes.load(std::memory_order_relaxed); }
  bool exceeded() const { return get() > bytes_max; }
};

class Charge {
 public:
  Charge() = default;
  explicit Charge(Tally& tally) : tally_(&tally) {}
  Charge(Charge&& other) noexcept
      : tally_(std::exchange(other.tally_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge other) noexcept {
    std::swap(tally_, other.tally_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge() { set(0); }

  void set(std::size_t bytes) {
    if (tally_) tally_->bytes.store(tally_->get() - bytes_ + bytes, std::memory_order_relaxed);
    bytes_ = tally_ ? bytes : 0;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  Tally* tally_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace rogerthat::net
