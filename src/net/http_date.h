// The Date header as a finished line. Its form and a cache that makes it once a second.
#pragma once

#include <string_view>

#include "base/time.h"

namespace rogerthat::net {

class DateLine {
 public:
  // "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n"; valid until the next call.
  std::string_view at(Millis wall);

 private:
  static constexpr std::size_t kSize = 37;
  Millis second_ = -1;
  char text_[kSize + 1] = {};
};

}  // namespace rogerthat::net
