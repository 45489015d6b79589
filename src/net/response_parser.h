// An HTTP/1.x answer, read strictly and piece by piece. The parser as a state machine
// over whatever bytes have come. No I/O. Everything but the body's length is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rogerthat::net {

struct ResponseHead {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names as sent
  std::optional<std::uint64_t> length;                       // of the body, where it was told

  std::optional<std::string_view> header(std::string_view name) const;  // any case; the first one
};

class ResponseParser {
 public:
  enum class Event : std::uint8_t {
    more,     // wants more bytes
    head,     // head() is complete; 1xx answers are passed over
    data,     // a piece of the body
    end,      // the answer is whole; what follows is not its own
    refused,  // reason() says why
  };
  struct Step {
    Event event = Event::more;
    std::size_t used = 0;        // how much of `bytes` is done with
    std::string_view data = {};  // views into `bytes`
  };

  // `bodiless`: the answer to a HEAD.
  explicit ResponseParser(bool bodiless = false, std::size_t head_bytes_max = 32 << 10);

  // `bytes`: what is not used yet, followed by what has come since.
  Step next(std::string_view bytes);
  // The peer has ended its side, and `unused` bytes are left that next() could not use.
  Event end_of_input(std::size_t unused);

  const ResponseHead& head() const { return head_; }
  std::string_view reason() const { return reason_; }
  // After `end`: the connection may carry another request.
  bool keeps_alive() const { return keeps_alive_; }

 private:
  enum class Stage : std::uint8_t {
    head,
    fixed,  // a body of known length
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    until_close,
    done,
  };
  static constexpr std::size_t kLineMax = 256;  // a chunk's size and its extensions
  static constexpr std::size_t kTrailersMax = 8 << 10;
  static constexpr int kInterimMax = 8;

  Step read_head(std::string_view bytes);
  bool parse_head(std::string_view text);
  bool parse_status_line(std::string_view line);
  bool read_known(std::string_view name, std::string_view value);
  bool choose_body();
  Step read_body(std::string_view bytes);
  Step read_line(std::string_view bytes);
  Step refuse(std::string_view reason);

  ResponseHead head_;
  std::string_view reason_;
  std::size_t head_bytes_max_;
  std::size_t scanned_ = 0;
  std::uint64_t left_ = 0;
  std::size_t trailers_ = 0;
  int interim_ = 0;
  Stage stage_ = Stage::head;
  bool bodiless_;
  bool http_1_0_ = false;
  bool chunked_ = false;
  bool said_close_ = false;
  bool said_keep_alive_ = false;
  bool keeps_alive_ = false;
};

}  // namespace rogerthat::net
