// The rules of the house as a table, from which the text and the page are made.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace rogerthat::api {

enum class Enforced : std::uint8_t { by_the_server, in_part, by_you };

struct PolicyRule {
  std::string_view section;  // rows of one section follow each other
  std::string_view rule;     // may hold {{names}} of api/texts/facts.h
  Enforced enforced;
  std::string_view how;  // what the server does about it; may hold {{names}}
};

std::span<const PolicyRule> policy_rules();

}  // namespace rogerthat::api
