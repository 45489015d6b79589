// HTTP chunks as bytes: the line before each one, for all who read chunks, and their end. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rogerthat::net {

struct ChunkLine {
  std::uint64_t size = 0;
  std::size_t extension_bytes = 0;
};
// `line` without its line end; `digits_max`, 15 at most, bounds the size. nullopt: it is none.
std::optional<ChunkLine> parse_chunk_line(std::string_view line, std::size_t digits_max);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// The data of chunks that http_chunk() (exchange.h) has made: HTTP/1.0 knows none.
std::string without_chunks(std::string_view chunks);

}  // namespace rogerthat::net
