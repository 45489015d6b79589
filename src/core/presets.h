// Presets: a mode fixes what a creation leaves out, a harness fixes how a client is woken. The two
// tables and the reading of "<harness>-<mode>". Hosts and paths are the api's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/types.h"

namespace rogerthat::core {

enum class Receive : std::uint8_t { polling, listen_here };

struct Mode {
  std::string_view name;
  Retention retention;
  TrustMode trust_mode;
  bool require_identity;
  Millis session_ttl;
  Receive receive;
  bool mints_owner_password;  // and arms a listener in the answer
  std::string_view summary;
};

// How a message reaches an agent whose turn may have ended.
enum class Wake : std::uint8_t {
  background,  // a background command that ends with the message resumes the agent
  foreground,  // nothing resumes it: it waits within its turn
  stream,      // the lines of a running terminal are shown to it
  person,      // a person runs the command and shows it the output
};

struct Harness {
  std::string_view name;   // claude, codex, ...
  std::string_view title;  // "Claude Code"
  Wake mechanism;
  std::string_view wake;  // one sentence: the receive and wake mechanism that works there
};

// What a caller asked for. Null: the default edition.
struct Edition {
  const Mode* mode = nullptr;
  const Harness* harness = nullptr;
};

std::span<const Mode> modes();
std::span<const Harness> harnesses();
// "park", "codex", "codex-park"; anything else is nullopt.
std::optional<Edition> parse_edition(std::string_view name);

}  // namespace rogerthat::core
