// Writing and reading the pieces of a journal row. Varints, zigzag numbers and
// length-prefixed strings over a byte string. Nothing that knows what the pieces mean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace rogerthat::store {

class ByteWriter {
 public:
  explicit ByteWriter(std::size_t expected_size) { out_.reserve(expected_size); }

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }

  void number(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }

  // Small numbers of either sign stay short.
  void signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }

  // Eight bytes, little end first: for hashes, which a varint would only lengthen.
  void fixed(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<std::uint8_t>(value >> shift));
  }

  void text(std::string_view value) {
    number(value.size());
    out_ += value;
  }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// After the first piece that is not there, ok() is false and every further piece is empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : left_(data) {}

  std::uint8_t byte() {
    if (left_.empty()) return damaged();
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t piece = byte();
      if (shift == 63 && piece > 1) return damaged();
      value |= static_cast<std::uint64_t>(piece & 0x7f) << shift;
      if (piece < 0x80) return ok_ ? value : 0;
    }
    return damaged();
  }

  std::int64_t signed_number() {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }

  std::uint64_t fixed() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 8) value |= std::uint64_t{byte()} << shift;
    return value;
  }

  std::string_view text() {
    const std::uint64_t size = number();
    if (size > left_.size()) return damaged(), std::string_view();
    const std::string_view value = left_.substr(0, size);
    left_.remove_prefix(size);
    return value;
  }

  // How many items follow, each of at least `item_size` bytes: a number that the rest of the row
  // has no room for is damage, so nobody reserves memory for it.
  std::size_t count(std::size_t item_size) {
    const std::uint64_t value = number();
    if (value > left_.size() / item_size) return damaged();
    return value;
  }

  // Bits outside `known` are damage.
  std::uint8_t flags(std::uint8_t known) {
    const std::uint8_t value = byte();
    return (value & ~known) == 0 ? value : damaged();
  }

  bool ok() const { return ok_; }
  bool at_end() const { return left_.empty(); }

 private:
  std::uint8_t damaged() {
    ok_ = false;
    left_ = {};
    return 0;
  }

  std::string_view left_;
  bool ok_ = true;
};

}  // namespace rogerthat::store
