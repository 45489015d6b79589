// The ids of channel sessions that this hub gives out. Each carries a tag under a key of the hub,
// so that one which a client has made up, and which somebody might guess, is told apart without
// looking anything up. Minting and checking.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/random.h"

namespace rogerthat::api {

class SessionIds {
 public:
  // `key`: of the data directory; what is used is derived from it.
  explicit SessionIds(const Digest& key);

  std::string mint(Random& random) const;  // 28 characters of base64url
  bool minted_here(std::string_view session_id) const;

 private:
  std::string_view key() const { return {reinterpret_cast<const char*>(key_.data()), key_.size()}; }

  Digest key_;
};

}  // namespace rogerthat::api
