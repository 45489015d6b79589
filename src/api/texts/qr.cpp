#include "api/texts/qr.h"

#include <cstdint>
#include <memory>
#include <utility>

#include <qrencode.h>
#include <zlib.h>

#include "base/encoding.h"

namespace rogerthat::api {

namespace {

constexpr int kQuiet = 4;  // light modules around the code, as the standard asks
constexpr int kPictureSize = 512;

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

class Modules {
 public:
  explicit Modules(const QRcode& code) : code_(code) {}
  int size() const { return code_.width + 2 * kQuiet; }
  bool dark(int x, int y) const {
    x -= kQuiet;
    y -= kQuiet;
    if (x < 0 || y < 0 || x >= code_.width || y >= code_.width) return false;
    return (code_.data[y * code_.width + x] & 1) != 0;
  }

 private:
  const QRcode& code_;
};

// Two rows of modules a line.
std::string half_blocks(const Modules& modules, std::string_view before, std::string_view after) {
  std::string out;
  for (int y = 0; y < modules.size(); y += 2) {
    out += before;
    for (int x = 0; x < modules.size(); ++x) {
      const bool top = modules.dark(x, y);
      const bool bottom = modules.dark(x, y + 1);
      out += top ? (bottom ? "█" : "▀") : (bottom ? "▄" : " ");
    }
    out += after;
    out += '\n';
  }
  return out;
}

void append_png_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

void append_chunk(std::string& png, std::string_view type, std::string_view data) {
  append_png_number(png, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = png.size();
  png += type;
  png += data;
  const auto* bytes = reinterpret_cast<const Bytef*>(png.data() + begin);
  append_png_number(png, static_cast<std::uint32_t>(
                             crc32(0, bytes, static_cast<uInt>(type.size() + data.size()))));
}

// One bit a pixel, grey: 1 is white.
std::string picture_rows(const Modules& modules) {
  const int scale = kPictureSize / modules.size();
  const int margin = (kPictureSize - scale * modules.size()) / 2;
  std::string rows;
  for (int y = 0; y < kPictureSize; ++y) {
    rows += '\0';  // this row is not filtered
    std::uint8_t byte = 0;
    for (int x = 0; x < kPictureSize; ++x) {
      const int column = x - margin;
      const int row = y - margin;
      const bool inside = column >= 0 && row >= 0 && column < scale * modules.size() &&
                          row < scale * modules.size();
      const bool dark = inside && modules.dark(column / scale, row / scale);
      byte = static_cast<std::uint8_t>(byte << 1 | (dark ? 0 : 1));
      if (x % 8 == 7) rows += static_cast<char>(std::exchange(byte, 0));
    }
  }
  return rows;
}

std::string picture(const Modules& modules) {
  std::string png = "\x89PNG\r\n\x1a\n";
  std::string header;
  append_png_number(header, kPictureSize);
  append_png_number(header, kPictureSize);
  header += std::string_view("\x01\x00\x00\x00\x00", 5);  // bits, grey, and nothing special
  append_chunk(png, "IHDR", header);
  const std::string rows = picture_rows(modules);
  std::string packed(compressBound(rows.size()), '\0');
  uLongf size = packed.size();
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
            reinterpret_cast<const Bytef*>(rows.data()), rows.size(), Z_BEST_COMPRESSION);
  packed.resize(size);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", "");
  return png;
}

}  // namespace

Result<QrCode> draw_qr(std::string_view content) {
  const std::unique_ptr<QRcode, Free> code(
      QRcode_encodeData(static_cast<int>(content.size()),
                        reinterpret_cast<const unsigned char*>(content.data()), 0, QR_ECLEVEL_L));
  if (!code) return fail(ErrorCode::internal, "The link is too long for a QR code.");
  const Modules modules(*code);
  constexpr std::string_view kBlackOnWhite = "\x1b[30;107m";
  constexpr std::string_view kPlain = "\x1b[0m";
  return QrCode{half_blocks(modules, kBlackOnWhite, kPlain), half_blocks(modules, "", ""),
                "data:image/png;base64," + base64(picture(modules))};
}

}  // namespace rogerthat::api
