// Text as the contract counts and allows it. UTF-8 validity, lengths in code points,
// the characters that are refused, and the folding of line breaks. No wording of errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rogerthat {

bool is_valid_utf8(std::string_view text);
std::size_t count_code_points(std::string_view valid_utf8);

// C0 (other than \t \n \r), DEL and C1 controls.
bool has_forbidden_control(std::string_view valid_utf8);
// Any control or line break at all: also \t \n \r, U+0085, U+2028, U+2029.
bool has_control_or_line_break(std::string_view valid_utf8);

std::string_view trim(std::string_view text);  // ASCII white space on both ends
std::string lower_ascii(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII

// At most `code_points` of it, cut between code points.
std::string_view cut_to_code_points(std::string_view valid_utf8, std::size_t code_points);

}  // namespace rogerthat
