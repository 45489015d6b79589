#include "outbox/hook_secret.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace rogerthat::outbox {

namespace {

constexpr std::string_view kSecretPrefix = "whsec_";

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

HookSecret hook_secret(const Digest& key, std::string_view hook, std::uint32_t rotation) {
  const Digest derived = hmac_sha256(bytes_of(key), fmt::format("webhook|{}|{}", hook, rotation));
  HookSecret secret;
  secret.key = bytes_of(derived);
  secret.text = std::string(kSecretPrefix) + base64(secret.key);
  return secret;
}

std::string body_signature(const HookSecret& secret, std::string_view body) {
  return "sha256=" + hex(bytes_of(hmac_sha256(secret.text, body)));
}

std::string timed_signature(const HookSecret& secret, std::string_view id, std::int64_t timestamp,
                            std::string_view body) {
  std::string content = fmt::format("{}.{}.", id, timestamp);
  content += body;
  return "v1," + base64(bytes_of(hmac_sha256(secret.key, content)));
}

}  // namespace rogerthat::outbox
