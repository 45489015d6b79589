// Any bytes as text, base64 and percent-encoding: the decoders agree with their encoders and with
// each other.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/encoding.h"
#include "base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rogerthat;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto decoded = decode_base64(text);
  const auto decoded_size = decoded_base64_size(text);
  if (decoded.has_value() != decoded_size.has_value()) std::abort();
  if (decoded && decoded->size() != *decoded_size) std::abort();
  if (decode_base64(base64url(text)) != text) std::abort();
  if (percent_decode(percent_encode(text), false) != text) std::abort();
  if (decode_hex(hex(text)) != text) std::abort();
  if (is_valid_utf8(text)) {
    if (has_forbidden_control(text) && !has_control_or_line_break(text)) std::abort();
    const std::string_view cut = cut_to_code_points(text, 3);
    if (!is_valid_utf8(cut) || count_code_points(cut) > 3) std::abort();
  }
  return 0;
}
