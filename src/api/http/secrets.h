// The secrets that this server makes, each with a prefix by which people and scanners know it.
// Minting and hashing them. They are shown once; only hashes are kept.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/random.h"

namespace rogerthat::api {

inline constexpr std::string_view kRecoveryPrefix = "rtacc_";
inline constexpr std::string_view kSessionPrefix = "rtses_";
inline constexpr std::string_view kIdentityPrefix = "rtid_";

struct Secret {
  std::string text;
  Digest hash{};
};

// 256 random bits: a fast hash is enough for what nobody can guess.
inline Secret mint_secret(std::string_view prefix, Random& random) {
  constexpr std::size_t kBytes = 32;
  Secret made;
  made.text = std::string(prefix) + random.token(kBytes);
  made.hash = sha256(made.text);
  return made;
}

}  // namespace rogerthat::api
