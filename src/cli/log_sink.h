// Where log records go: standard error, one write per record, so that records of several threads
// never mix. Text for a person at a terminal, JSON lines for everything else.
#pragma once

#include "base/log.h"
#include "cli/settings.h"

namespace rogerthat::cli {

struct LogStyle {
  bool json = false;
  bool colours = false;
  LogLevel level = LogLevel::info;
};

// Asks what standard error is and whether NO_COLOR is set.
LogStyle choose_log_style(LogFormat format, LogLevel level);

LogSink make_log_sink(int fd, LogStyle style);

}  // namespace rogerthat::cli
