// Structured log records as values. Levels, fields and the one sink that main installs.
// A record never contains a token, a key, a password, a URL query or a message.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace rogerthat {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, std::int64_t v) : name(n), value(v) {}
  LogField(std::string_view n, int v) : name(n), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view n, std::size_t v) : name(n), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
};

struct LogRecord {
  LogLevel level;
  std::string_view event;  // a short fixed phrase: "listening", "commit failed"
  std::initializer_list<LogField> fields;
};

// Called from any thread. Without a sink records are dropped: tests and fuzzers are quiet.
using LogSink = std::function<void(const LogRecord&)>;
void set_log_sink(LogSink sink);

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

std::string render_log_text(const LogRecord& record);  // for a terminal
std::string render_log_json(const LogRecord& record, std::int64_t wall_ms);

}  // namespace rogerthat
