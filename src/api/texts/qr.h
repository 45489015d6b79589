// A link as a QR code, in the three forms that people need: for a terminal, for plain text, and as
// a picture. Drawing; the code itself is libqrencode's.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace rogerthat::api {

struct QrCode {
  std::string terminal;  // half blocks in black on white, also where the terminal is dark
  std::string text;      // half blocks without colours
  std::string data_url;  // a PNG of 512 x 512
};

Result<QrCode> draw_qr(std::string_view content);

}  // namespace rogerthat::api
