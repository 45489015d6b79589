#include "net/http_date.h"

#include <cstdio>
#include <ctime>

namespace rogerthat::net {

std::string_view DateLine::at(Millis wall) {
  const Millis second = wall / kSecond;
  if (second != second_) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = second;
    std::tm t{};
    gmtime_r(&time, &t);
    // Not strftime: its names follow the locale.
    char text[96];
    const int size = std::snprintf(
        text, sizeof text, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", kDays[t.tm_wday % 7],
        t.tm_mday, kMonths[t.tm_mon % 12], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
    if (size != static_cast<int>(kSize)) return {};  // a clock beyond the year 9999
    std::copy(text, text + kSize, text_);
    second_ = second;
  }
  return {text_, kSize};
}

}  // namespace rogerthat::net
