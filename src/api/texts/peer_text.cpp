#include "api/texts/peer_text.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

namespace rogerthat::api {

namespace {

struct Range {
  char32_t first, last;
};

// What can't be seen, or changes how its neighbours are seen. Sorted.
constexpr std::array kHidden = std::to_array<Range>({
    {0x00, 0x08},        // C0 but tab; line breaks are dealt with before
    {0x0a, 0x1f},        //
    {0x7f, 0x9f},        // delete, C1
    {0xad, 0xad},        // soft hyphen
    {0x34f, 0x34f},      // combining grapheme joiner
    {0x61c, 0x61c},      // Arabic letter mark
    {0x115f, 0x1160},    // Hangul fillers
    {0x17b4, 0x17b5},    // Khmer inherent vowels
    {0x180b, 0x180f},    // Mongolian selectors and separator
    {0x200b, 0x200f},    // zero width, direction marks
    {0x2028, 0x202e},    // line and paragraph separator, embeddings and overrides
    {0x2060, 0x206f},    // word joiner, invisible operators, isolates
    {0x2800, 0x2800},    // empty Braille pattern
    {0x3164, 0x3164},    // Hangul filler
    {0xfe00, 0xfe0d},    // variation selectors; 15 and 16 go with emoji
    {0xfeff, 0xfeff},    // byte order mark
    {0xffa0, 0xffa0},    // half-width Hangul filler
    {0xfff0, 0xfffb},    // unassigned specials, interlinear annotation
    {0x110bd, 0x110bd},  // Kaithi number sign: a prepended format control, as the next one
    {0x110cd, 0x110cd}, {0x13430, 0x1345f},  // hieroglyph format controls
    {0x16fe4, 0x16fe4},                      // Khitan filler
    {0x1bca0, 0x1bca3},                      // shorthand format controls
    {0x1d159, 0x1d159},                      // musical null notehead
    {0x1d173, 0x1d17a},                      // musical format controls
    {0xe0000, 0xe0fff},                      // tags, further variation selectors
});

bool is_hidden(char32_t c) {
  const auto at = std::ranges::lower_bound(kHidden, c, {}, &Range::last);
  return at != kHidden.end() && at->first <= c;
}

constexpr char32_t kEnd = 0xffffffff;  // no character
constexpr char32_t kZeroWidthJoiner = 0x200d;
constexpr char32_t kTextStyle = 0xfe0e;
constexpr char32_t kEmojiStyle = 0xfe0f;

bool is_style(char32_t c) {
  return c == kTextStyle || c == kEmojiStyle;
}

// Pictures that are joined to others, roughly: what is outside can do without a joiner.
bool is_picture(char32_t c) {
  return (c >= 0x2190 && c <= 0x2bff) || (c >= 0x1f000 && c <= 0x1faff);
}

// What an emoji or text style may follow: pictures, and the few other characters that have both
// styles (emoji-variation-sequences of Unicode). After anything else a style says nothing, and a
// row of them can hold a text that nobody sees.
bool has_styles(char32_t c) {
  constexpr std::array kOthers = std::to_array<char32_t>(
      {U'#', U'*', 0xa9, 0xae, 0x203c, 0x2049, 0x2122, 0x2139, 0x3030, 0x303d, 0x3297, 0x3299});
  return is_picture(c) || (c >= U'0' && c <= U'9') || std::ranges::binary_search(kOthers, c);
}

bool is_line_break(char32_t c) {
  return (c >= 0x0a && c <= 0x0d) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

// Valid UTF-8 is the caller's promise; whatever else comes is read without leaving the text.
char32_t decode(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) -> char32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const char32_t lead = byte(at);
  std::size_t length = 1;
  char32_t c = lead;
  if (lead >= 0xf0) {
    length = 4;
    c = (lead & 0x07) << 18 | (byte(at + 1) & 0x3f) << 12 | (byte(at + 2) & 0x3f) << 6 |
        (byte(at + 3) & 0x3f);
  } else if (lead >= 0xe0) {
    length = 3;
    c = (lead & 0x0f) << 12 | (byte(at + 1) & 0x3f) << 6 | (byte(at + 2) & 0x3f);
  } else if (lead >= 0xc0) {
    length = 2;
    c = (lead & 0x1f) << 6 | (byte(at + 1) & 0x3f);
  }
  at = std::min(at + length, text.size());
  return c;
}

// A text, one character after the other, with its neighbours in view.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  bool next() {
    if (at_ >= text_.size()) return false;
    if (!is_style(now_)) base_ = now_;
    before_ = now_;
    start_ = at_;
    now_ = decode(text_, at_);
    return true;
  }
  char32_t now() const { return now_; }
  std::string_view bytes() const { return text_.substr(start_, at_ - start_); }
  char32_t ahead() const {
    std::size_t at = at_;
    return at < text_.size() ? decode(text_, at) : kEnd;
  }
  void skip() { next(); }

  bool shows_as_it_is() const {
    if (now_ == kZeroWidthJoiner) return is_picture(base_) && is_picture(ahead());
    if (is_style(now_)) return has_styles(before_);
    return !is_hidden(now_);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
  char32_t now_ = 0;
  char32_t before_ = 0;
  char32_t base_ =
      0;  // what a style before the current character belongs to, or that before itself
};

// Many of the same are told once, so that hidden text doesn't grow by being shown.
void append_hidden(std::string& out, Walker& walker) {
  const char32_t c = walker.now();
  std::size_t times = 1;
  while (walker.ahead() == c && !is_line_break(c)) {
    walker.skip();
    ++times;
  }
  fmt::format_to(std::back_inserter(out), "<U+{:04X}", static_cast<std::uint32_t>(c));
  if (times > 1) fmt::format_to(std::back_inserter(out), " x{}", times);
  out += '>';
}

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

void append_peer_text(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += text;
    return;
  }
  Walker walker(text);
  while (walker.next()) {
    if (is_line_break(walker.now())) {
      if (walker.now() == '\r' && walker.ahead() == '\n') walker.skip();
      out += '\n';
      out += kPeerIndent;
    } else if (walker.shows_as_it_is()) {
      out += walker.bytes();
    } else {
      append_hidden(out, walker);
    }
  }
}

void append_peer_quote(std::string& out, std::string_view text) {
  out += '"';
  Walker walker(text);
  while (walker.next()) {
    const char32_t c = walker.now();
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c != '\t' && walker.shows_as_it_is()) {
      out += walker.bytes();
    } else {
      append_hidden(out, walker);
    }
  }
  out += '"';
}

}  // namespace rogerthat::api
