// A hash index from text to small numbers, for keys that are stored elsewhere: one array, eight
// bytes a slot. Open addressing with linear probing and backward-shift deletion; the
// hash is keyed per process, so that nobody outside can choose collisions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/slim_vector.h"

namespace rogerthat {

std::uint32_t keyed_hash(std::string_view text);

class FlatIndex {
 public:
  static constexpr std::uint32_t kMissing = 0xffffffff;

  std::size_t size() const { return size_; }

  // key_of(number) gives the text that a stored number stands for.
  template <class KeyOf>
  std::uint32_t find(std::string_view key, KeyOf key_of) const {
    if (size_ == 0) return kMissing;
    const std::uint32_t hash = keyed_hash(key);
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      if (slots_[i].number == kMissing) return kMissing;
      if (slots_[i].hash == hash && key_of(slots_[i].number) == key) return slots_[i].number;
    }
  }

  void insert(std::string_view key, std::uint32_t number);  // the key must not be present
  void erase(std::string_view key, std::uint32_t number);   // does nothing where it is not

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = kMissing;
  };
  std::size_t mask() const { return slots_.size() - 1; }
  void place(Slot slot);
  void grow();

  SlimVector<Slot> slots_;
  std::uint32_t size_ = 0;
};

}  // namespace rogerthat
