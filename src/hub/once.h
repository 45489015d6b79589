// What follows a commit may be told twice: that the disk refuses, and later that it has written
// after all. Whoever asked is answered the first time, and only then.
#pragma once

#include <functional>
#include <optional>
#include <utility>

namespace rogerthat::hub {

template <class Act>
std::move_only_function<void(bool stored)> once(Act act) {
  return [act = std::optional<Act>(std::move(act))](bool stored) mutable {
    if (auto first = std::exchange(act, std::nullopt)) (*first)(stored);
  };
}

}  // namespace rogerthat::hub
