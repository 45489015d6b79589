#include "base/log.h"

#include <iterator>

#include <fmt/format.h>

#include "base/json.h"

namespace rogerthat {

namespace {
LogSink& sink() {
  static LogSink instance;
  return instance;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      break;
  }
  return "error";
}
}  // namespace

void set_log_sink(LogSink new_sink) {
  sink() = std::move(new_sink);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (sink()) sink()(LogRecord{level, event, fields});
}

std::string render_log_text(const LogRecord& record) {
  std::string out;
  if (record.level >= LogLevel::warning) out = fmt::format("{}: ", name_of(record.level));
  out += record.event;
  for (const LogField& field : record.fields) {
    fmt::format_to(std::back_inserter(out), " {}=", field.name);
    std::visit([&out](const auto& v) { fmt::format_to(std::back_inserter(out), "{}", v); },
               field.value);
  }
  return out;
}

std::string render_log_json(const LogRecord& record, std::int64_t wall_ms) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("ts", wall_ms).field("level", name_of(record.level));
  json.field("event", record.event);
  for (const LogField& field : record.fields) {
    json.key(field.name);
    std::visit([&json](const auto& v) { json.value(v); }, field.value);
  }
  json.end_object();
  return out;
}

}  // namespace rogerthat
