#include "cli/log_sink.h"

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "base/time.h"

namespace rogerthat::cli {

namespace {

std::string clock_time(Millis wall) {
  const std::time_t seconds = wall / kSecond;
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

// Fields can hold what a client has sent: nothing of it may steer the terminal or start a new line.
void replace_controls(std::string& text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
}

std::string render_for_terminal(const LogRecord& record, Millis wall, bool colours) {
  std::string text = render_log_text(record);
  replace_controls(text);
  const bool coloured = colours && record.level >= LogLevel::warning;
  const char* const colour = record.level == LogLevel::error ? "\x1b[31m" : "\x1b[33m";
  return fmt::format("{} {}{}{}", clock_time(wall), coloured ? colour : "", text,
                     coloured ? "\x1b[0m" : "");
}

void write_once(int fd, const std::string& line) {
  // A log that nobody reads must not end the hub: what cannot be written is dropped.
  while (write(fd, line.data(), line.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace

LogStyle choose_log_style(LogFormat format, LogLevel level) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  const char* const no_color = std::getenv("NO_COLOR");
  LogStyle style;
  style.json = format == LogFormat::json || (format == LogFormat::automatic && !terminal);
  style.colours = terminal && (no_color == nullptr || *no_color == '\0');
  style.level = level;
  return style;
}

LogSink make_log_sink(int fd, LogStyle style) {
  return [fd, style](const LogRecord& record) {
    if (record.level < style.level) return;
    const Millis wall = read_clocks().wall;
    std::string line = style.json ? render_log_json(record, wall)
                                  : render_for_terminal(record, wall, style.colours);
    line += '\n';
    write_once(fd, line);
  };
}

}  // namespace rogerthat::cli
