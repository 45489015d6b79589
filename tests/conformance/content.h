// The contents that answers are made of, as JSON: one function per kind of content, and the results
// around them.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/json.h"

namespace rogerthat::conformance {

inline constexpr std::string_view kRedPixel =  // PNG, 1 x 1
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC";
inline constexpr std::string_view kSilence =  // WAV, eight samples
    "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==";

std::string text_content(std::string_view text);
std::string image_content();
std::string audio_content();
std::string resource_content(std::string_view uri, std::string_view mime_type,
                             std::string_view text);

// The fields of a result of tools/call.
std::string tool_result(std::initializer_list<std::string> contents, bool is_error = false);
std::string tool_text(std::string_view text);
// ... and of prompts/get: every content is a message of the user.
std::string prompt_result(std::initializer_list<std::string> contents);

// A string argument; empty where there is none.
std::string_view string_at(const std::optional<JsonValue>& object, std::string_view name);

}  // namespace rogerthat::conformance
