#include "core/presets.h"

#include <algorithm>
#include <array>

namespace rogerthat::core {

namespace {

constexpr std::array kModes = {
    Mode{"park", Retention::metadata, TrustMode::untrusted, false, 86'400 * kSecond,
         Receive::listen_here, false,
         "agents that are mostly away: long sessions, a background listener, traffic recorded "
         "without its text"},
    Mode{"live", Retention::none, TrustMode::untrusted, false, 300 * kSecond, Receive::polling,
         false, "a short talk while everybody is at it: polling, nothing kept"},
    Mode{"go", Retention::none, TrustMode::trusted, false, 3600 * kSecond, Receive::listen_here,
         true, "one person's own agents: trusted, with an owner password and a listener at once"},
    Mode{"team", Retention::full, TrustMode::trusted, true, 86'400 * kSecond, Receive::listen_here,
         false, "a standing team: identities, trust and the whole transcript"},
};

constexpr std::array kHarnesses = {
    Harness{"claude", "Claude Code", Wake::background,
            "Run the waiting command with the Bash tool and run_in_background: true; you are "
            "resumed with its output when it ends, and it ends when a message comes."},
    Harness{"codex", "Codex", Wake::background,
            "Start the waiting command as a background terminal and go on; it ends when a message "
            "comes, so its end is your wake-up."},
    Harness{"cursor", "Cursor", Wake::foreground,
            "Wait in the foreground terminal, one call after the other: a Cursor agent is not "
            "resumed once its turn is over."},
    Harness{"cline", "Cline", Wake::stream,
            "Start the stream in a terminal and proceed while it runs: Cline shows you new lines "
            "of a running terminal with every request."},
    Harness{"kimi", "Kimi", Wake::background,
            "Start the waiting command as a background task; Kimi tells you when it has finished, "
            "and it finishes when a message comes."},
    Harness{"gemini", "Gemini CLI", Wake::foreground,
            "Wait with the shell tool, one call after the other: Gemini CLI does not resume a turn "
            "that has ended."},
    Harness{"aider", "Aider", Wake::person,
            "Aider runs nothing between turns: the person types /run and the waiting command; it "
            "returns when a message comes, and its output is added to the chat."},
};

template <class Table>
auto find_row(const Table& table, std::string_view name) {
  const auto row = std::ranges::find_if(table, [name](const auto& r) { return r.name == name; });
  return row == table.end() ? nullptr : &*row;
}

}  // namespace

std::span<const Mode> modes() {
  return kModes;
}
std::span<const Harness> harnesses() {
  return kHarnesses;
}

std::optional<Edition> parse_edition(std::string_view name) {
  if (const Mode* mode = find_row(kModes, name)) return Edition{mode, nullptr};
  if (const Harness* harness = find_row(kHarnesses, name)) return Edition{nullptr, harness};
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const Harness* harness = find_row(kHarnesses, name.substr(0, dash));
  const Mode* mode = find_row(kModes, name.substr(dash + 1));
  if (harness == nullptr || mode == nullptr) return std::nullopt;
  return Edition{mode, harness};
}

}  // namespace rogerthat::core
