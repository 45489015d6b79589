#include "net/response.h"

#include <charconv>

#include "net/answer_head.h"
#include "net/exchange.h"
#include "net/server.h"

namespace rogerthat::net {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

namespace {

void append_number(std::string& out, std::size_t number, int base = 10) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  out.append(digits, end);
}

// A line break in a value would begin a header of somebody else's choosing.
void append_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte == 0x7f ? ' ' : c);
  }
}

void append_status_and_common(std::string& out, int status, std::string_view content_type,
                              const HeadOptions& options) {
  if (status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(status));
    out += ' ';
    out += reason_phrase(status);
    out += "\r\n";
  }
  out += options.date_line;
  if (!content_type.empty() && has_body(status)) {
    out += "Content-Type: ";
    out += content_type;
    out += "\r\n";
  }
  out += "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n";
  if (options.secure) out += "Strict-Transport-Security: max-age=31536000\r\n";
  if (!options.connection.empty()) {
    out += "Connection: ";
    out += options.connection;
    out += "\r\n";
  }
  out += options.extra_lines;
}

void append_length(std::string& out, int status, std::size_t length) {
  if (!has_body(status)) return;
  out += "Content-Length: ";
  append_number(out, length);
  out += "\r\n";
}

}  // namespace

void append_head(std::string& out, int status, std::string_view content_type,
                 std::optional<std::size_t> length, const HeadOptions& options, bool chunked) {
  append_status_and_common(out, status, content_type, options);
  if (length) append_length(out, status, *length);
  if (chunked) out += "Transfer-Encoding: chunked\r\n";
  out += "\r\n";
}

void append_head(std::string& out, const Response& response, const HeadOptions& options) {
  append_status_and_common(out, response.status, response.content_type, options);
  for (const auto& [name, value] : response.headers) {
    out += name;
    out += ": ";
    append_value(out, value);
    out += "\r\n";
  }
  append_length(out, response.status, response.body.size());
  out += "\r\n";
}

std::string encode_response(const Response& response, bool secure) {
  std::string out;
  out.reserve(256 + response.body.size());
  append_head(out, response, HeadOptions{.secure = secure});
  if (has_body(response.status)) out += response.body;
  return out;
}

std::string http_chunk(std::string_view data) {
  std::string out;
  if (data.empty()) return out;  // an empty chunk would end the stream
  out.reserve(data.size() + 16);
  append_number(out, data.size(), 16);
  out += "\r\n";
  out += data;
  out += "\r\n";
  return out;
}

std::string sse_event(std::string_view name, std::string_view data, std::string_view id) {
  std::string event;
  event.reserve(name.size() + data.size() + id.size() + 24);
  event += "event: ";
  event += name;
  event += "\ndata: ";
  event += data;
  event += '\n';
  if (!id.empty()) {
    event += "id: ";
    event += id;
    event += '\n';
  }
  event += '\n';
  return http_chunk(event);
}

}  // namespace rogerthat::net
