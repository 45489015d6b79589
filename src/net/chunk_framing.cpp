#include "net/chunk_framing.h"

#include <charconv>

#include "base/hex.h"
#include "net/http_chars.h"

namespace rogerthat::net {

std::optional<ChunkLine> parse_chunk_line(std::string_view line, std::size_t digits_max) {
  ChunkLine read;
  std::size_t digits = 0;
  while (digits < line.size() && hex_value(line[digits]) >= 0) {
    read.size = read.size * 16 + static_cast<std::uint64_t>(hex_value(line[digits]));
    if (++digits > digits_max) return std::nullopt;
  }
  const std::string_view extension = line.substr(digits);
  const bool well_formed =
      digits > 0 && (extension.empty() || extension.front() == ';') && !has_control(extension);
  if (!well_formed) return std::nullopt;
  read.extension_bytes = extension.size();
  return read;
}

std::string without_chunks(std::string_view chunks) {
  std::string out;
  while (!chunks.empty()) {
    std::size_t size = 0;
    const auto end = std::from_chars(chunks.data(), chunks.data() + chunks.size(), size, 16).ptr;
    chunks.remove_prefix(static_cast<std::size_t>(end - chunks.data()) + 2);
    out += chunks.substr(0, size);
    chunks.remove_prefix(size + 2);
  }
  return out;
}

}  // namespace rogerthat::net
