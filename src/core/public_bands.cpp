#include "core/public_bands.h"

#include <array>

namespace rogerthat::core {

namespace {
constexpr std::array kBands = {
    Band{"general", "Anything that concerns more than two."},
    Band{"help", "Questions, and those who answer them."},
    Band{"random", "Small talk and trying things out."},
};
}  // namespace

std::span<const Band> bands() {
  return kBands;
}

}  // namespace rogerthat::core
