#include "net/chunked.h"

#include <algorithm>
#include <cstring>

#include "net/chunk_framing.h"

namespace rogerthat::net {

bool ChunkDecoder::read_size(std::string_view line, BadRequest& refusal) {
  const auto read = parse_chunk_line(line, kDigitsMax);
  if (!read) {
    refusal = {400, "A chunk must start with its size in hexadecimal digits."};
    return false;
  }
  left_ = read->size;
  extensions_ = static_cast<std::uint16_t>(extensions_ + read->extension_bytes);
  if (extensions_ > kExtensionsMax) {
    refusal = {400, "The chunks carry too many extensions."};
    return false;
  }
  return true;
}

ChunkDecoder::Outcome ChunkDecoder::decode(char* data, std::size_t& size, std::size_t body_max,
                                           BadRequest& refusal) {
  std::size_t raw = joined_;
  const auto refused = [&](std::string_view reason, int status = 400) {
    refusal = {status, reason};
    return Outcome::refused;
  };
  while (raw < size) {
    const std::string_view rest(data + raw, size - raw);
    if (stage_ == Stage::data) {
      const std::size_t take = std::min(left_, rest.size());
      std::memmove(data + joined_, data + raw, take);
      joined_ += take;
      raw += take;
      left_ -= take;
      if (left_ == 0) stage_ = Stage::data_end;
      continue;
    }
    if (stage_ == Stage::data_end) {
      if (rest[0] != '\r' || (rest.size() > 1 && rest[1] != '\n')) {
        return refused("A chunk is longer than its size says.");
      }
      if (rest.size() < 2) break;
      raw += 2;
      stage_ = Stage::size;
      continue;
    }
    // A size or a trailer: a line.
    const std::size_t newline = rest.substr(0, kTrailersMax + 2).find('\n');
    const std::size_t line_max = stage_ == Stage::size ? kLineMax : kTrailersMax - trailers_;
    if (newline == std::string_view::npos ? rest.size() > line_max + 1 : newline > line_max + 1) {
      return stage_ == Stage::size ? refused("The line before a chunk is too long.")
                                   : refused("The trailers are too large.", 431);
    }
    if (newline == std::string_view::npos) break;
    if (newline == 0 || rest[newline - 1] != '\r') {
      return refused("Every line must end in CR LF; here is a bare LF.");
    }
    const std::string_view line = rest.substr(0, newline - 1);
    raw += newline + 1;
    if (stage_ == Stage::size) {
      if (!read_size(line, refusal)) return Outcome::refused;
      if (left_ > body_max || joined_ + left_ > body_max) {
        return refused("The request body is too large.", 413);
      }
      stage_ = left_ == 0 ? Stage::trailer : Stage::data;
      continue;
    }
    if (line.empty()) {
      used_ = raw;
      return Outcome::whole;
    }
    // Trailers are checked as strictly as headers, and then dropped: nothing here asks for one.
    if (const auto field = parse_field(line); !field) {
      refusal = field.error();
      return Outcome::refused;
    }
    trailers_ = static_cast<std::uint16_t>(trailers_ + line.size() + 2);
    if (trailers_ > kTrailersMax) return refused("The trailers are too large.", 431);
  }
  std::memmove(data + joined_, data + raw, size - raw);
  size = joined_ + (size - raw);
  return Outcome::more;
}

}  // namespace rogerthat::net
