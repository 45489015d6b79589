// A chunked body, joined in place. The decoder as a state machine over a buffer that
// grows behind it. No I/O; bounded framing, so that nobody is kept busy with extensions.
#pragma once

#include <cstddef>
#include <cstdint>

#include "net/http_parser.h"

namespace rogerthat::net {

class ChunkDecoder {
 public:
  enum class Outcome : std::uint8_t { more, whole, refused };

  // data[0, joined()) is what earlier calls have joined; from there to `size` is raw. Afterwards
  // the joined part has grown, and on `more` what could not be understood yet follows it at once:
  // `size` has shrunk. On `whole`, used() says where the raw bytes of the body ended.
  Outcome decode(char* data, std::size_t& size, std::size_t body_max, BadRequest& refusal);

  std::size_t joined() const { return joined_; }
  std::size_t used() const { return used_; }

 private:
  enum class Stage : std::uint8_t { size, data, data_end, trailer };
  static constexpr std::size_t kDigitsMax = 8;            // of a size
  static constexpr std::size_t kLineMax = 256;            // a chunk's size and its extensions
  static constexpr std::size_t kExtensionsMax = 4 << 10;  // of all chunks together
  static constexpr std::size_t kTrailersMax = 4 << 10;

  bool read_size(std::string_view line, BadRequest& refusal);

  std::size_t joined_ = 0;
  std::size_t used_ = 0;
  std::size_t left_ = 0;  // of the current chunk
  std::uint16_t extensions_ = 0;
  std::uint16_t trailers_ = 0;
  Stage stage_ = Stage::size;
};

}  // namespace rogerthat::net
