#include "mcp/request_state.h"

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/random.h"

namespace rogerthat::mcp {

namespace {
const Digest& process_key() {
  static const Digest key = [] {
    Digest fresh;
    SystemRandom().fill(fresh);
    return fresh;
  }();
  return key;
}
}  // namespace

std::string seal_state(std::string_view bound_to, std::string_view state) {
  return base64url(seal(process_key(), bound_to, state));
}

std::optional<std::string> open_state(std::string_view bound_to, std::string_view sealed) {
  const auto bytes = decode_base64(sealed);
  // One state has one text: what decodes to the same bytes but is written otherwise was changed.
  if (!bytes || base64url(*bytes) != sealed) return std::nullopt;
  return open_sealed(process_key(), bound_to, *bytes);
}

std::string state_binding(std::string_view method, std::string_view name) {
  std::string binding(method);
  binding += '\n';
  binding += name;
  return binding;
}

}  // namespace rogerthat::mcp
