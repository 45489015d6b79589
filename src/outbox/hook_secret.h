// The secrets that webhooks are signed with, and the signatures. Nothing is stored: a secret comes
// from the key of the data directory, the hook's id and how often it was rotated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/time.h"

namespace rogerthat::outbox {

struct HookSecret {
  std::string text;  // "whsec_…", as it is shown once
  std::string key;   // the bytes that its base64 stands for
};
HookSecret hook_secret(const Digest& key, std::string_view hook, std::uint32_t rotation);

// X-RogerThat-Signature: "sha256=<hex>" over the body, keyed by the secret as it is shown.
std::string body_signature(const HookSecret& secret, std::string_view body);
// webhook-signature: "v1,<base64>" over "id.timestamp.body", keyed by its bytes.
std::string timed_signature(const HookSecret& secret, std::string_view id, std::int64_t timestamp,
                            std::string_view body);

}  // namespace rogerthat::outbox
