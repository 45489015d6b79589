// Whatever bytes a journal row has, reading it ends: with an event or with an error. An event that
// was read is written and read again as the same bytes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "store/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr rogerthat::core::ChannelNo kChannel = 7;
  const rogerthat::store::EventCodec codec(rogerthat::Digest{});
  const std::string_view row(reinterpret_cast<const char*>(data), size);

  const auto event = codec.decode(row, kChannel);
  if (!event) return 0;
  const std::string once = codec.encode(*event, kChannel);
  const auto again = codec.decode(once, kChannel);
  if (!again || codec.encode(*again, kChannel) != once) std::abort();
  return 0;
}
