#include "base/flat_index.h"

#include <bit>
#include <cstdlib>
#include <cstring>

#include <sys/random.h>

namespace rogerthat {

namespace {

struct Key {
  std::uint64_t k0 = 0, k1 = 0;
};

const Key kKey = [] {
  Key key;
  if (getrandom(&key, sizeof key, 0) != sizeof key) std::abort();
  return key;
}();

}  // namespace

std::uint32_t keyed_hash(std::string_view text) {  // SipHash-1-3
  std::uint64_t v0 = kKey.k0 ^ 0x736f6d6570736575;
  std::uint64_t v1 = kKey.k1 ^ 0x646f72616e646f6d;
  std::uint64_t v2 = kKey.k0 ^ 0x6c7967656e657261;
  std::uint64_t v3 = kKey.k1 ^ 0x7465646279746573;
  const auto round = [&] {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  };
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    v3 ^= word;
    round();
    v0 ^= word;
  }
  std::uint64_t last = 0;
  std::memcpy(&last, text.data() + i, text.size() - i);
  last |= static_cast<std::uint64_t>(text.size()) << 56;
  v3 ^= last;
  round();
  v0 ^= last;
  v2 ^= 0xff;
  round();
  round();
  round();
  const std::uint64_t h = v0 ^ v1 ^ v2 ^ v3;
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

void FlatIndex::place(Slot slot) {
  std::size_t i = slot.hash & mask();
  while (slots_[i].number != kMissing) i = (i + 1) & mask();
  slots_[i] = slot;
}

void FlatIndex::grow() {
  const SlimVector<Slot> old = std::move(slots_);
  slots_.resize(old.empty() ? 4 : old.size() * 2);
  for (const Slot& slot : old) {
    if (slot.number != kMissing) place(slot);
  }
}

void FlatIndex::insert(std::string_view key, std::uint32_t number) {
  if ((std::size_t{size_} + 1) * 4 > slots_.size() * 3) grow();
  place(Slot{keyed_hash(key), number});
  ++size_;
}

void FlatIndex::erase(std::string_view key, std::uint32_t number) {
  if (size_ == 0) return;
  std::size_t hole = keyed_hash(key) & mask();
  while (slots_[hole].number != number) {
    if (slots_[hole].number == kMissing) return;
    hole = (hole + 1) & mask();
  }
  --size_;
  // Close the hole: move back every later slot of the run that may stand there.
  for (std::size_t i = (hole + 1) & mask(); slots_[i].number != kMissing; i = (i + 1) & mask()) {
    const std::size_t home = slots_[i].hash & mask();
    if (((i - home) & mask()) >= ((i - hole) & mask())) {
      slots_[hole] = slots_[i];
      hole = i;
    }
  }
  slots_[hole] = Slot{};
}

}  // namespace rogerthat
