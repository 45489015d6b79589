// Bytes as text and back: base64 (both alphabets), base64url and hex. No I/O, no allocation beyond
// the result.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rogerthat {

std::string base64url(std::string_view bytes);  // no padding
std::string base64(std::string_view bytes);     // padded
std::string hex(std::string_view bytes);        // lower case

// Standard or URL alphabet; white space is ignored, padding is optional. nullopt: not base64.
std::optional<std::string> decode_base64(std::string_view text);
std::optional<std::string> decode_hex(std::string_view text);

// How many bytes decode_base64 would give, or nullopt where it would refuse. Allocates nothing.
std::optional<std::size_t> decoded_base64_size(std::string_view text);

// %XX and, in queries, '+' as a space. nullopt where a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);  // everything but unreserved characters

}  // namespace rogerthat
