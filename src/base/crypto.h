// The few cryptographic operations of the hub, over OpenSSL. Hashing, keyed hashing,
// sealing, the slow hash for what humans choose, and constant-time comparison. No keys, no files.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rogerthat {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view data);
Digest hmac_sha256(std::string_view key, std::string_view data);

// Overwrites it, as no optimisation may leave out, and empties it.
void wipe(std::string& secret);
void wipe(char* text, std::size_t size);

// The time depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);
bool equal_constant_time(const Digest& a, const Digest& b);

// AES-256-GCM under a 32-byte key. The nonce is derived from `context` and `plain` (a synthetic
// one), so that the same value seals to the same bytes and no random source is needed.
std::string seal(const Digest& key, std::string_view context, std::string_view plain);
std::optional<std::string> open_sealed(const Digest& key, std::string_view context,
                                       std::string_view sealed);

// scrypt with N=2^14, r=8, p=1 (about 40 ms, 16 MiB): never on a thread that serves requests.
// The result holds its parameters and salt: "scrypt$14$8$1$<salt>$<hash>".
std::string hash_password(std::string_view password, std::string_view salt);
bool verify_password(std::string_view password, std::string_view hash);

}  // namespace rogerthat
