#include "base/encoding.h"

#include <array>
#include <cstdint>

#include "base/hex.h"

namespace rogerthat {

namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHex = "0123456789abcdef";

std::string encode(std::string_view in, std::string_view alphabet, bool pad) {
  std::string out;
  out.reserve((in.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : in) {
    bits = bits << 8 | static_cast<std::uint8_t>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out.push_back(alphabet[bits >> held & 63]);
    }
  }
  if (held > 0) out.push_back(alphabet[bits << (6 - held) & 63]);
  while (pad && out.size() % 4 != 0) out.push_back('=');
  return out;
}

constexpr std::array<std::int8_t, 256> kDecode = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 64; ++i) {
    table[static_cast<std::uint8_t>(kStandard[i])] = static_cast<std::int8_t>(i);
    table[static_cast<std::uint8_t>(kUrl[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}();

bool is_base64_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Calls emit(byte) for each decoded byte; false: not base64.
template <class Emit>
bool decode(std::string_view text, Emit emit) {
  std::uint32_t bits = 0;
  int held = 0;
  std::size_t symbols = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (is_base64_space(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::int8_t value = kDecode[static_cast<std::uint8_t>(c)];
    if (value < 0 || padding > 0) return false;
    ++symbols;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      emit(static_cast<char>(bits >> held & 0xff));
    }
  }
  if (symbols % 4 == 1) return false;
  if (padding > 0 && (symbols + padding) % 4 != 0) return false;
  return padding <= 2;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  return encode(bytes, kUrl, false);
}
std::string base64(std::string_view bytes) {
  return encode(bytes, kStandard, true);
}

std::string hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out.push_back(kHex[static_cast<std::uint8_t>(c) >> 4]);
    out.push_back(kHex[static_cast<std::uint8_t>(c) & 15]);
  }
  return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  if (!decode(text, [&out](char c) { out.push_back(c); })) return std::nullopt;
  return out;
}

std::optional<std::size_t> decoded_base64_size(std::string_view text) {
  std::size_t size = 0;
  if (!decode(text, [&size](char) { ++size; })) return std::nullopt;
  return size;
}

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back("0123456789ABCDEF"[static_cast<std::uint8_t>(c) >> 4]);
      out.push_back("0123456789ABCDEF"[static_cast<std::uint8_t>(c) & 15]);
    }
  }
  return out;
}

}  // namespace rogerthat
