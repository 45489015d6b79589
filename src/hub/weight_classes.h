// Things in classes by their weight, so that the heaviest is found without a look at the others.
// A class is a quarter of an octave wide: what is found is within a fifth of the heaviest. A change
// of weight costs no more than a comparison, as long as the class stays.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rogerthat::hub {

class WeightClasses {
 public:
  void set(std::uint32_t thing, std::size_t weight) {
    const std::uint8_t to = class_of(weight);
    if (thing >= places_.size()) {
      if (to == kOut) return;
      places_.resize(thing + 1);
    }
    if (places_[thing].of == to) return;
    take_out(thing);
    if (to == kOut) return;
    places_[thing] = {static_cast<std::uint32_t>(classes_[to].size()), to};
    classes_[to].push_back(thing);
    top_ = std::max(top_, to);
  }

  // Visits things, heavier classes first, until `visit` says that it has what it wants.
  template <class Visit>
  void heaviest_first(Visit visit) const {
    for (std::size_t of = top() + std::size_t{1}; of-- > 0;) {
      for (std::size_t i = classes_[of].size(); i-- > 0;) {
        if (visit(classes_[of][i])) return;
      }
    }
  }

  // The least that a thing of that weight could weigh and be in the same class.
  static std::size_t class_begins(std::size_t weight) {
    if (weight < kSmall) return 1;
    const auto octave = static_cast<std::size_t>(std::bit_width(weight) - 1);
    const std::size_t quarter = std::size_t{1} << (octave - 2);
    return weight / quarter * quarter;
  }

 private:
  static constexpr std::size_t kSmall = 256;  // what weighs less is all one class
  static constexpr std::uint8_t kOut = 0xff;
  static constexpr std::size_t kClasses = 1 + (63 - 8 + 1) * 4;
  static_assert(kClasses <= kOut);
  struct Place {
    std::uint32_t index = 0;
    std::uint8_t of = kOut;
  };

  static std::uint8_t class_of(std::size_t weight) {
    if (weight == 0) return kOut;
    if (weight < kSmall) return 0;
    const auto octave = static_cast<std::size_t>(std::bit_width(weight) - 1);
    const std::size_t quarter = (weight >> (octave - 2)) & 3;
    return static_cast<std::uint8_t>(1 + (octave - 8) * 4 + quarter);
  }

  void take_out(std::uint32_t thing) {
    Place& place = places_[thing];
    if (place.of == kOut) return;
    std::vector<std::uint32_t>& members = classes_[place.of];
    members[place.index] = members.back();
    places_[members[place.index]].index = place.index;
    members.pop_back();
    place = Place{};
  }

  std::uint8_t top() const {
    while (top_ > 0 && classes_[top_].empty()) --top_;
    return top_;
  }

  std::vector<Place> places_;  // by thing
  std::array<std::vector<std::uint32_t>, kClasses> classes_;
  mutable std::uint8_t top_ = 0;  // no class above it has a member
};

}  // namespace rogerthat::hub
