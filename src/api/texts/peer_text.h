// What others have written, as a line-oriented text can show it without being lied to: column zero
// belongs to the hub. Pure functions from a peer's text to safe text.
//
// Every line after the first is set off by kPeerIndent, whatever broke it, and characters that
// reorder, hide or erase text or drive a terminal are written out, as in <U+202E>.
#pragma once

#include <string>
#include <string_view>

namespace rogerthat::api {

inline constexpr std::string_view kPeerIndent = "  | ";  // opens the further lines of a peer's text
inline constexpr std::string_view kOwnIndent = "  + ";   // ... and ours below a message

// Over several lines. `text`: valid UTF-8.
void append_peer_text(std::string& out, std::string_view text);
// On one line, in double quotes: names, replies, intros. Quotes and backslashes are escaped, a line
// break is written out like any other control.
void append_peer_quote(std::string& out, std::string_view text);

}  // namespace rogerthat::api
