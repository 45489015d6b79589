// An event stream, read as the HTML standard says. The parser as a state machine over
// pieces of text, however they are cut. No I/O; what one event may hold is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace rogerthat::net {

struct SseEvent {
  std::string_view type;  // "message" where the stream says nothing
  std::string_view data;
  std::string_view last_event_id;  // the last that was set, perhaps by an earlier event
};

class SseParser {
 public:
  explicit SseParser(std::size_t event_bytes_max = 16 << 20) : event_bytes_max_(event_bytes_max) {}

  // Calls on_event(const SseEvent&) for each event that `text` completes; the event dies when the
  // call returns. False: an event or a line was too large, and nothing more can be read.
  template <class OnEvent>
  bool feed(std::string_view text, OnEvent on_event) {
    while (!text.empty()) {
      const auto line = take_line(text);
      if (too_large_) return false;
      if (!line) break;
      if (const auto event = read_line(*line)) on_event(*event);
      finish_line();
      if (too_large_) return false;
    }
    return true;
  }

  std::string_view last_event_id() const { return last_id_; }
  std::optional<Millis> retry() const { return retry_; }  // what the stream asked for last

 private:
  // The next whole line; moves `text` past what was taken. Nothing: the line goes on.
  std::optional<std::string_view> take_line(std::string_view& text);
  std::optional<SseEvent> read_line(std::string_view line);
  void finish_line();

  std::size_t event_bytes_max_;
  std::string line_;  // the beginning of a line that was cut
  std::string type_, data_, last_id_, next_id_;
  std::optional<Millis> retry_;
  bool has_data_ = false;
  bool at_start_ = true;       // a BOM may come
  bool skip_newline_ = false;  // the last line ended in CR: an LF belongs to it
  bool line_kept_ = false;
  bool dispatched_ = false;
  bool too_large_ = false;
};

}  // namespace rogerthat::net
