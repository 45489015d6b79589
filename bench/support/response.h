// Just enough of an HTTP/1.1 response to know where it ends. Lives here: status, Content-Length,
// chunked framing. It trusts the server: this is a load generator, no client library.
#pragma once

#include <string>
#include <string_view>

namespace rogerthat::bench {

struct Response {
  int status = 0;
  bool chunked = false;
  std::size_t length = 0;  // of the whole response, head and body
  std::string_view head;
  std::string_view body;  // as framed on the wire
};

enum class ParseState { complete, partial, broken };

// Looks at one response at the front of `bytes`. A response without a length is complete as soon
// as its head is there: that is a stream, and the caller knows that it asked for one.
ParseState parse_response(std::string_view bytes, Response& out);

std::string body_text(const Response& response);  // without the chunk framing
std::string_view header_value(const Response& response, std::string_view lower_case_name);

}  // namespace rogerthat::bench
