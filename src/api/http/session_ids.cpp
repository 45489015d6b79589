#include "api/http/session_ids.h"

#include <array>

#include "base/encoding.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kRandomBytes = 16;
constexpr std::size_t kTagBytes = 5;
constexpr std::size_t kIdLength = (kRandomBytes + kTagBytes) * 4 / 3;
static_assert((kRandomBytes + kTagBytes) % 3 == 0, "no character of an id is partly unused");

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SessionIds::SessionIds(const Digest& key) : key_(hmac_sha256(view(key), "session ids")) {}

std::string SessionIds::mint(Random& random) const {
  std::array<std::uint8_t, kRandomBytes> bytes;
  random.fill(bytes);
  std::string id(view(bytes));
  id += view(hmac_sha256(key(), id)).substr(0, kTagBytes);
  return base64url(id);
}

bool SessionIds::minted_here(std::string_view session_id) const {
  if (session_id.size() != kIdLength) return false;
  const auto bytes = decode_base64(session_id);
  if (!bytes || bytes->size() != kRandomBytes + kTagBytes) return false;
  const std::string_view random = std::string_view(*bytes).substr(0, kRandomBytes);
  const Digest digest = hmac_sha256(key(), random);
  return equal_constant_time(view(digest).substr(0, kTagBytes),
                             std::string_view(*bytes).substr(kRandomBytes));
}

}  // namespace rogerthat::api
