// Memory that clients make a loop keep. The tally and a share of it that gives itself
// back. One thread; whoever moves to another loop gives its share back first.
#pragma once

#include <cstddef>
#include <utility>

namespace rogerthat::net {

struct Tally {
  std::size_t bytes = 0;
  std::size_t bytes_max = 0;
  bool exceeded() const { return bytes > bytes_max; }
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
    if (tally_) tally_->bytes = tally_->bytes - bytes_ + bytes;
    bytes_ = tally_ ? bytes : 0;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  Tally* tally_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace rogerthat::net
