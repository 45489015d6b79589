#include "net/sse_parser.h"

#include <charconv>

namespace rogerthat::net {

namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr Millis kRetryMax = kDay;

}  // namespace

std::optional<std::string_view> SseParser::take_line(std::string_view& text) {
  if (skip_newline_) {
    skip_newline_ = false;
    if (text.front() == '\n') text.remove_prefix(1);
  }
  const auto end = text.find_first_of("\r\n");
  if (line_.size() + data_.size() + std::min(end, text.size()) > event_bytes_max_) {
    too_large_ = true;
    return std::nullopt;
  }
  if (end == std::string_view::npos) {
    line_.append(text);
    text = {};
    return std::nullopt;
  }
  std::string_view line = text.substr(0, end);
  skip_newline_ = text[end] == '\r';
  text.remove_prefix(end + 1);
  line_kept_ = !line_.empty();
  if (line_kept_) {
    line_.append(line);
    line = line_;
  }
  if (at_start_) {
    at_start_ = false;
    if (line.starts_with(kBom)) line.remove_prefix(kBom.size());
  }
  return line;
}

std::optional<SseEvent> SseParser::read_line(std::string_view line) {
  if (line.empty()) {
    dispatched_ = true;
    last_id_ = next_id_;
    if (!has_data_) return std::nullopt;
    return SseEvent{type_.empty() ? std::string_view("message") : std::string_view(type_), data_,
                    last_id_};
  }
  const auto colon = line.find(':');
  if (colon == 0) return std::nullopt;  // a comment
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    type_ = value;
  } else if (field == "id") {
    if (value.find('\0') == std::string_view::npos) next_id_ = value;
  } else if (field == "retry") {
    Millis wanted = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), wanted);
    const bool digits = value.find_first_not_of("0123456789") == std::string_view::npos;
    if (!value.empty() && digits && error == std::errc() && end == value.data() + value.size()) {
      retry_ = std::min(wanted, kRetryMax);
    }
  }
  return std::nullopt;
}

// What a line viewed into is given up only after its event was told.
void SseParser::finish_line() {
  if (line_kept_) line_.clear();
  line_kept_ = false;
  if (!dispatched_) return;
  dispatched_ = false;
  type_.clear();
  data_.clear();
  has_data_ = false;
}

}  // namespace rogerthat::net
