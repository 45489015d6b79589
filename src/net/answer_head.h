// The head of an answer as bytes. Status line and the headers that every answer
// carries. No sockets, no bodies.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/response.h"

namespace rogerthat::net {

struct HeadOptions {
  std::string_view date_line = {};    // whole, with CRLF; empty: left out
  std::string_view connection = {};   // "close", "keep-alive"; empty: left out
  std::string_view extra_lines = {};  // whole lines, each ending in CRLF
  bool secure = false;                // adds HSTS
};

// Appends everything up to and with the empty line. No `length`: the answer is a chunked stream, or
// one that ends with the connection (`chunked` false).
void append_head(std::string& out, int status, std::string_view content_type,
                 std::optional<std::size_t> length, const HeadOptions& options,
                 bool chunked = false);
void append_head(std::string& out, const Response& response, const HeadOptions& options);

// 1xx, 204 and 304 answers have neither a body nor a length.
bool has_body(int status);

}  // namespace rogerthat::net
