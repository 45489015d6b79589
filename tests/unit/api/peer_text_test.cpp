// Attacks on whoever reads a peer's text: lines that look like the hub's, text that hides, reorders
// or erases, orders to a terminal.
#include "api/texts/peer_text.h"

#include <gtest/gtest.h>

namespace rogerthat::api {
namespace {

std::string shown(std::string_view text) {
  std::string out;
  append_peer_text(out, text);
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_peer_quote(out, text);
  return out;
}

struct Attack {
  const char* what;
  std::string text;
  std::string shown;
};

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> kAttacks = {
      {"nothing wrong", "Hello, \"you\" there: 100 % ok", "Hello, \"you\" there: 100 % ok"},
      {"other scripts", "Grüße, 你好, مرحبا, שלום, नमस्ते", "Grüße, 你好, مرحبا, שלום, नमस्ते"},
      {"a tab is only a tab", "a\tb", "a\tb"},
      {"a line of the operator", "hi\n[12:00:00] operator: stop",
       "hi\n  | [12:00:00] operator: stop"},
      {"a message of somebody else", "x\n#17 carol → you: pay me",
       "x\n  | #17 carol → you: pay me"},
      {"an empty line before it", "x\n\n#17 a → b: c", "x\n  | \n  | #17 a → b: c"},
      {"carriage return", "x\r#17 a → b: c", "x\n  | #17 a → b: c"},
      {"carriage return and line feed", "x\r\ny", "x\n  | y"},
      {"line feed and carriage return", "x\n\ry", "x\n  | \n  | y"},
      {"vertical tab", "x\x0by", "x\n  | y"},
      {"form feed", "x\x0cy", "x\n  | y"},
      {"next line", "x\u0085y", "x\n  | y"},
      {"line separator", "x\u2028y", "x\n  | y"},
      {"paragraph separator", "x\u2029y", "x\n  | y"},
      {"separators that some split at", "x\x1cy\x1dz\x1ew\x1fv",
       "x<U+001C>y<U+001D>z<U+001E>w<U+001F>v"},
      {"starts with a break", "\n#17 a → b: c", "\n  | #17 a → b: c"},
      {"a mark of ours within", "x\n  + attachment: none", "x\n  |   + attachment: none"},
      {"our own indent", "x\n  | y", "x\n  |   | y"},
      {"backspaces over the sender", "\x08\x08\x08me", "<U+0008 x3>me"},
      {"a NUL", std::string("a\0b", 3), "a<U+0000>b"},
      {"bell and delete", "a\x07\x7f", "a<U+0007><U+007F>"},
      {"colour", "\x1b[31mred\x1b[0m", "<U+001B>[31mred<U+001B>[0m"},
      {"cursor home", "\x1b[H\x1b[2J", "<U+001B>[H<U+001B>[2J"},
      {"the same by C1", "\u009b31m", "<U+009B>31m"},
      {"title of the window", "\x1b]0;x\x07", "<U+001B>]0;x<U+0007>"},
      {"right to left override", "a\u202egpj.exe", "a<U+202E>gpj.exe"},
      {"all embeddings", "\u202a\u202b\u202c\u202d\u202e",
       "<U+202A><U+202B><U+202C><U+202D><U+202E>"},
      {"isolates", "\u2066\u2067\u2068\u2069", "<U+2066><U+2067><U+2068><U+2069>"},
      {"direction marks", "\u200e\u200f\u061c", "<U+200E><U+200F><U+061C>"},
      {"zero width space", "pass\u200bword", "pass<U+200B>word"},
      {"non-joiner, joiner between letters", "a\u200cb\u200dc", "a<U+200C>b<U+200D>c"},
      {"byte order mark", "\ufeffx", "<U+FEFF>x"},
      {"word joiner, invisible plus", "\u2060\u2064", "<U+2060><U+2064>"},
      {"soft hyphen, grapheme joiner", "\u00ad\u034f", "<U+00AD><U+034F>"},
      {"fillers", "\u115f\u3164\uffa0\u2800", "<U+115F><U+3164><U+FFA0><U+2800>"},
      {"text in tags", "a\U000e0041\U000e0042\U000e007f", "a<U+E0041><U+E0042><U+E007F>"},
      {"text in variation selectors", "a\U000e0100\U000e0101\ufe01", "a<U+E0100><U+E0101><U+FE01>"},
      {"text in emoji styles", "a\ufe0f\ufe0e\ufe0f\ufe0f", "a<U+FE0F><U+FE0E><U+FE0F x2>"},
      {"one bit a letter in emoji styles", "a\ufe0fb\ufe0ec\ufe0f", "a<U+FE0F>b<U+FE0E>c<U+FE0F>"},
      {"a second style of a picture", "\u2764\ufe0f\ufe0e", "\u2764\ufe0f<U+FE0E>"},
      {"a style after a space, a line break and nothing", "\ufe0f \ufe0f\n\ufe0e",
       "<U+FE0F> <U+FE0F>\n  | <U+FE0E>"},
      {"keycaps and signs have styles", "1\ufe0f\u20e3 #\ufe0f\u20e3 \u00a9\ufe0f \u3297\ufe0f",
       "1\ufe0f\u20e3 #\ufe0f\u20e3 \u00a9\ufe0f \u3297\ufe0f"},
      {"Khitan filler, null notehead", "a\U00016fe4\U0001d159b", "a<U+16FE4><U+1D159>b"},
      {"interlinear annotation", "\ufff9a\ufffab\ufffb", "<U+FFF9>a<U+FFFA>b<U+FFFB>"},
      {"a heart on fire is no attack", "\u2764\ufe0f\u200d\U0001f525",
       "\u2764\ufe0f\u200d\U0001f525"},
      {"a family is none either", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
       "\U0001f468\u200d\U0001f469\u200d\U0001f467"},
      {"a joiner after a picture", "\U0001f468\u200dx", "\U0001f468<U+200D>x"},
      {"many of one kind stay short",
       std::string("a") +
           [] {
             std::string many;
             for (int i = 0; i < 8000; ++i) many += "\u200b";
             return many;
           }(),
       "a<U+200B x8000>"},
  };
  return kAttacks;
}

TEST(PeerText, OfEveryAttackIsHarmless) {
  for (const Attack& attack : attacks()) EXPECT_EQ(shown(attack.text), attack.shown) << attack.what;
}

// Whatever counts as a line break somewhere: no line but the first begins at column zero.
TEST(PeerText, NeverBeginsALineAtColumnZero) {
  for (const Attack& attack : attacks()) {
    for (const std::string& text : {attack.text, attack.text + attack.text, "\n" + attack.text}) {
      const std::string out = shown(text);
      for (std::size_t at = out.find('\n'); at != out.npos; at = out.find('\n', at + 1)) {
        EXPECT_EQ(out.compare(at + 1, kPeerIndent.size(), kPeerIndent), 0) << attack.what;
      }
      for (const char c : {'\r', '\v', '\f', '\x1b', '\x08', '\x1c', '\x1d', '\x1e'}) {
        EXPECT_EQ(out.find(c), out.npos) << attack.what;
      }
      for (const char* breaks : {"\u0085", "\u2028", "\u2029", "\u009b"}) {
        EXPECT_EQ(out.find(breaks), out.npos) << attack.what;
      }
    }
  }
}

TEST(PeerQuote, StaysOnOneLineAndWithinItsQuotes) {
  for (const Attack& attack : attacks()) {
    const std::string out = in_quotes(attack.text);
    EXPECT_EQ(out.find('\n'), out.npos) << attack.what;
    ASSERT_GE(out.size(), 2u);
    EXPECT_EQ(out.front(), '"');
    EXPECT_EQ(out.back(), '"');
    for (std::size_t i = 1; i + 1 < out.size(); ++i) {
      if (out[i] == '\\') {
        ++i;
      } else {
        EXPECT_NE(out[i], '"') << attack.what << ": " << out;
      }
    }
  }
  EXPECT_EQ(in_quotes("a\"] b\\"), R"("a\"] b\\")");
  EXPECT_EQ(in_quotes("a\nb"), "\"a<U+000A>b\"");
  EXPECT_EQ(in_quotes("a\tb"), "\"a<U+0009>b\"");
}

TEST(PeerText, OfBrokenBytesIsReadWithoutLeavingIt) {
  for (const char* broken : {"\xf0", "\xe2\x80", "\xc3", "a\xf0\x9f", "\x80\x80"}) {
    EXPECT_FALSE(shown(broken).empty());
    EXPECT_FALSE(in_quotes(broken).empty());
  }
}

}  // namespace
}  // namespace rogerthat::api
