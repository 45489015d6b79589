#include "net/response_parser.h"

#include <algorithm>

#include "base/utf8.h"
#include "net/chunk_framing.h"
#include "net/http_chars.h"
#include "net/http_parser.h"

namespace rogerthat::net {

namespace {

constexpr int kBodyLengthDigitsMax = 18;  // fits into 64 bits whatever the digits are
constexpr std::size_t kChunkDigitsMax = 15;

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

bool is_interim(int status) {
  return status >= 100 && status < 200;
}

}  // namespace

std::optional<std::string_view> ResponseHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

ResponseParser::ResponseParser(bool bodiless, std::size_t head_bytes_max)
    : head_bytes_max_(head_bytes_max), bodiless_(bodiless) {}

ResponseParser::Step ResponseParser::refuse(std::string_view reason) {
  reason_ = reason;
  stage_ = Stage::done;
  keeps_alive_ = false;
  return {Event::refused};
}

ResponseParser::Step ResponseParser::next(std::string_view bytes) {
  if (!reason_.empty()) return {Event::refused};
  if (stage_ == Stage::done) return {Event::end};
  return stage_ == Stage::head ? read_head(bytes) : read_body(bytes);
}

ResponseParser::Event ResponseParser::end_of_input(std::size_t unused) {
  if (!reason_.empty()) return Event::refused;
  if (stage_ == Stage::until_close) stage_ = Stage::done;
  if (stage_ == Stage::done) return Event::end;
  const bool nothing = stage_ == Stage::head && unused == 0 && interim_ == 0;
  return refuse(nothing ? "The connection was closed before an answer came."
                        : "The connection was closed in the middle of the answer.")
      .event;
}

ResponseParser::Step ResponseParser::read_head(std::string_view bytes) {
  std::size_t used = 0;
  for (;;) {
    const std::string_view rest = bytes.substr(used);
    if (!std::string_view("HTTP/").starts_with(rest.substr(0, 5))) {
      return refuse("The answer is not HTTP.");
    }
    std::size_t head_size = 0;
    while (head_size == 0 && scanned_ < rest.size()) {
      const auto newline = rest.find('\n', scanned_);
      if (newline == std::string_view::npos || newline >= head_bytes_max_) {
        scanned_ = rest.size();
        break;
      }
      scanned_ = newline + 1;
      if (rest[newline - 1] != '\r')
        return refuse("A line of the answer's head ends in a bare LF.");
      if (rest[newline - 2] == '\n') head_size = newline + 1;
    }
    if (head_size == 0) {
      if (rest.size() <= head_bytes_max_) return {Event::more, used};
      return refuse("The head of the answer is too large.");
    }
    scanned_ = 0;
    if (!parse_head(rest.substr(0, head_size))) return refuse(reason_);
    used += head_size;
    if (!is_interim(head_.status)) break;
    if (++interim_ > kInterimMax) return refuse("Too many interim answers came.");
  }
  if (!choose_body()) return refuse(reason_);
  return {Event::head, used};
}

bool ResponseParser::parse_status_line(std::string_view line) {
  // The space before the phrase is left out by some servers that have none.
  const bool whole = line.size() >= 12 &&
                     (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) &&
                     is_decimal(line[9]) && is_decimal(line[10]) && is_decimal(line[11]) &&
                     (line.size() == 12 || line[12] == ' ') && !has_control(line);
  if (!whole) {
    reason_ = "The answer does not begin with an HTTP/1.x status line.";
    return false;
  }
  http_1_0_ = line[7] == '0';
  head_.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (head_.status < 100 || head_.status == 101) {
    reason_ = "The answer has a status that was not asked for.";
    return false;
  }
  return true;
}

bool ResponseParser::parse_head(std::string_view text) {
  head_ = {};
  chunked_ = said_close_ = said_keep_alive_ = false;
  auto end = text.find('\r');
  if (text.substr(end, 2) != "\r\n") {
    reason_ = "The answer does not begin with an HTTP/1.x status line.";
    return false;
  }
  if (!parse_status_line(text.substr(0, end))) return false;
  for (text.remove_prefix(end + 2); !text.starts_with("\r\n"); text.remove_prefix(end + 2)) {
    end = text.find('\n') - 1;  // a CR before anything else is refused with its field
    const auto field = parse_field(text.substr(0, end));
    if (!field) {
      reason_ = "The answer holds a header that is malformed.";
      return false;
    }
    if (!read_known(field->name, field->value)) return false;
    head_.headers.emplace_back(field->name, field->value);
  }
  return true;
}

bool ResponseParser::read_known(std::string_view name, std::string_view value) {
  if (equal_ignoring_case(name, "content-length")) {
    const bool digits = !value.empty() && value.size() <= kBodyLengthDigitsMax &&
                        std::all_of(value.begin(), value.end(), is_decimal);
    if (!digits || head_.length) {
      reason_ = "The answer's Content-Length is not one number.";
      return false;
    }
    std::uint64_t length = 0;
    for (const char c : value) length = length * 10 + static_cast<std::uint64_t>(c - '0');
    head_.length = length;
  } else if (equal_ignoring_case(name, "transfer-encoding")) {
    if (chunked_ || http_1_0_ || !equal_ignoring_case(value, "chunked")) {
      reason_ = "The answer's Transfer-Encoding is not exactly: chunked.";
      return false;
    }
    chunked_ = true;
  } else if (equal_ignoring_case(name, "connection")) {
    while (!value.empty()) {
      const auto comma = value.find(',');
      const std::string_view token = trim(value.substr(0, comma));
      value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
      if (equal_ignoring_case(token, "close")) said_close_ = true;
      if (equal_ignoring_case(token, "keep-alive")) said_keep_alive_ = true;
    }
  }
  return true;
}

bool ResponseParser::choose_body() {
  if (chunked_ && head_.length) {
    reason_ = "The answer has both Content-Length and Transfer-Encoding.";
    return false;
  }
  keeps_alive_ = !said_close_ && (!http_1_0_ || said_keep_alive_);
  if (bodiless_ || head_.status == 204 || head_.status == 304) {
    stage_ = Stage::done;
  } else if (chunked_) {
    stage_ = Stage::chunk_size;
  } else if (head_.length) {
    left_ = *head_.length;
    stage_ = left_ == 0 ? Stage::done : Stage::fixed;
  } else {
    keeps_alive_ = false;
    stage_ = Stage::until_close;
  }
  return true;
}

ResponseParser::Step ResponseParser::read_body(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    const std::string_view rest = bytes.substr(used);
    switch (stage_) {
      case Stage::until_close:
        return {Event::data, bytes.size(), rest};
      case Stage::fixed:
      case Stage::chunk_data: {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
        left_ -= size;
        if (left_ == 0) stage_ = stage_ == Stage::fixed ? Stage::done : Stage::chunk_end;
        return {Event::data, used + size, rest.substr(0, size)};
      }
      case Stage::chunk_end:
        if (rest[0] != '\r' || (rest.size() > 1 && rest[1] != '\n')) {
          return refuse("A chunk of the answer is longer than its size says.");
        }
        if (rest.size() < 2) return {Event::more, used};
        used += 2;
        stage_ = Stage::chunk_size;
        break;
      case Stage::chunk_size:
      case Stage::trailer: {
        const Step line = read_line(rest);
        used += line.used;
        if (line.event == Event::refused) return line;
        if (line.used == 0) return {Event::more, used};
        if (stage_ == Stage::done) return {Event::end, used};
        break;
      }
      case Stage::head:
      case Stage::done:
        return {Event::end, used};
    }
  }
  return {Event::more, used};
}

// A chunk's size or a trailer. Uses nothing while the line is not whole.
ResponseParser::Step ResponseParser::read_line(std::string_view bytes) {
  const bool trailer = stage_ == Stage::trailer;
  const std::size_t line_max = trailer ? kTrailersMax - trailers_ : kLineMax;
  const auto newline = bytes.find('\n');
  if (std::min(newline, bytes.size()) > line_max) {
    return refuse(trailer ? "The trailers of the answer are too large."
                          : "The line before a chunk of the answer is too long.");
  }
  if (newline == std::string_view::npos) return {Event::more};
  if (newline == 0 || bytes[newline - 1] != '\r') {
    return refuse("A line between the answer's chunks ends in a bare LF.");
  }
  const std::string_view line = bytes.substr(0, newline - 1);
  if (!trailer) {
    const auto read = parse_chunk_line(line, kChunkDigitsMax);
    if (!read) return refuse("A chunk of the answer has no valid size.");
    left_ = read->size;
    stage_ = left_ == 0 ? Stage::trailer : Stage::chunk_data;
  } else if (line.empty()) {
    stage_ = Stage::done;
  } else if (!parse_field(line)) {
    return refuse("A trailer of the answer is malformed.");
  } else {
    trailers_ += newline + 1;
  }
  return {Event::more, newline + 1};
}

}  // namespace rogerthat::net
