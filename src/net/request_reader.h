// Requests out of a buffer that fills up. Head and body framing with their limits, and
// how far an incomplete request has been understood. No I/O, no connection, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/chunked.h"
#include "net/http_parser.h"

namespace rogerthat::net {

class Handler;

struct ReadLimits {
  std::size_t header_bytes_max = 16 << 10;
  std::size_t body_bytes_max = 1 << 20;  // above what the handler allows for a path
};

// How far the first request of a buffer has been understood. Kept while it is incomplete.
struct Progress {
  enum class Stage : std::uint8_t { head, sized_body, chunked_body, whole };
  Stage stage = Stage::head;
  bool admitted = false;      // the room above has let the body come
  bool continue_due = false;  // the client waits for "100 Continue"
  std::size_t scanned = 0;    // bytes of the head already searched
  std::size_t head_size = 0;
  std::size_t body_size = 0;
  std::size_t body_max = 0;
  std::size_t end = 0;  // of the request in the buffer, once whole
  ChunkDecoder chunks;
  // The head is there, a body is to come, and nobody has been asked whether it may.
  bool asks() const { return stage != Stage::head && stage != Stage::whole && !admitted; }
};

enum class ReadOutcome : std::uint8_t { more, whole, refused };

struct ReadResult {
  ReadOutcome outcome = ReadOutcome::more;
  Head head = {};  // whole, or not yet admitted: it and `headers` view into the buffer
  BadRequest refusal = {};
};

// Reads the first request of data[0, size). The body of a whole one is data[head_size, +body_size).
// `size` shrinks when chunks are joined. Repeatable: a whole request stays whole.
ReadResult read_request(char* data, std::size_t& size, Progress& progress, const ReadLimits& limits,
                        Handler& handler, std::vector<Header>& headers);

// Empty lines before a request are tolerated, as clients of old sent them after a body.
std::size_t count_blank_lines(const char* data, std::size_t size);

}  // namespace rogerthat::net
