#include "net/http_parser.h"

#include <cstring>

#include "base/utf8.h"
#include "net/http_chars.h"

namespace rogerthat::net {

namespace {

constexpr int kLengthDigitsMax = 18;  // fits into 64 bits whatever the digits are

std::unexpected<BadRequest> refuse(std::string_view reason, int status = 400) {
  return std::unexpected(BadRequest{status, reason});
}

HeadEnd head_refused(std::string_view reason, int status = 400) {
  return {HeadSearch::refused, 0, {status, reason}};
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

Method method_of(std::string_view name) {
  switch (name.size()) {
    case 3:
      if (name == "GET") return Method::get;
      if (name == "PUT") return Method::put;
      break;
    case 4:
      if (name == "POST") return Method::post;
      if (name == "HEAD") return Method::head;
      break;
    case 5:
      if (name == "PATCH") return Method::patch;
      break;
    case 6:
      if (name == "DELETE") return Method::delete_;
      break;
    case 7:
      if (name == "OPTIONS") return Method::options;
      break;
    default:
      break;
  }
  return Method::other;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::expected<void, BadRequest> parse_version(std::string_view version, Head& head) {
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return refuse("The request line must be: method, one space, target, one space, HTTP/1.1.");
  }
  if (version == "HTTP/1.1") return {};
  if (version != "HTTP/1.0") return refuse("Only HTTP/1.1 and HTTP/1.0 are spoken here.", 505);
  head.http_1_0 = true;
  head.keep_alive = false;
  return {};
}

// Leaves the authority of an absolute target in head.host.
std::expected<void, BadRequest> parse_target(std::string_view target, Head& head) {
  if (!all_of_class(target, kTargetChar)) {
    return refuse("The request target holds a character that must be percent-encoded.");
  }
  if (target == "*") {
    if (head.method != Method::options) return refuse("The target * goes with OPTIONS only.");
    head.target = head.path = target;
    return {};
  }
  if (!target.starts_with('/')) {
    std::string_view rest = target;
    if (starts_with_ignoring_case(target, "http://")) {
      rest.remove_prefix(7);
    } else if (starts_with_ignoring_case(target, "https://")) {
      rest.remove_prefix(8);
    } else {
      return refuse("The request target must be a path that starts with /, or an http(s) URL.");
    }
    head.host = rest.substr(0, rest.find_first_of("/?"));
    if (head.host.empty() || !is_valid_authority(head.host)) {
      return refuse("The host in the request target is not valid.");
    }
    target = rest.substr(head.host.size());
    if (target.empty()) target = "/";
  }
  head.target = target;
  const auto question = target.find('?');
  head.path = target.substr(0, question);
  if (head.path.empty()) head.path = "/";
  if (question != std::string_view::npos) head.query = target.substr(question + 1);
  return {};
}

std::expected<void, BadRequest> parse_request_line(std::string_view line, Head& head) {
  const auto first = line.find(' ');
  if (first == std::string_view::npos) {
    return refuse("The request line must be: method, one space, target, one space, HTTP/1.1.");
  }
  head.method_name = line.substr(0, first);
  if (head.method_name.empty() || !all_of_class(head.method_name, kTokenChar)) {
    return refuse("The request method holds a character that no method has.");
  }
  head.method = method_of(head.method_name);

  const auto second = line.find(' ', first + 1);
  if (second == std::string_view::npos || second == first + 1) {
    return refuse("The request line must be: method, one space, target, one space, HTTP/1.1.");
  }
  const auto version = parse_version(line.substr(second + 1), head);
  if (!version) return version;
  return parse_target(line.substr(first + 1, second - first - 1), head);
}

// The Connection header is a list of tokens; all but two concern nobody here.
void read_connection(std::string_view value, Head& head, bool& said_close) {
  while (!value.empty()) {
    const auto comma = value.find(',');
    const std::string_view token = trim_blanks(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    if (equal_ignoring_case(token, "close")) said_close = true;
    if (equal_ignoring_case(token, "keep-alive")) head.keep_alive = true;
  }
}

struct Seen {
  int hosts = 0;
  bool length = false;
  bool encoding = false;
  bool close = false;
  std::string_view host;
};

std::expected<void, BadRequest> read_length(std::string_view value, Head& head, Seen& seen) {
  if (seen.length) return refuse("Content-Length must not be repeated.");
  seen.length = true;
  if (value.empty() || value.size() > kLengthDigitsMax) {
    return refuse("Content-Length must be a decimal number.");
  }
  for (const char c : value) {
    if (!is_digit(c)) return refuse("Content-Length must be a decimal number.");
    head.length = head.length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  head.has_length = true;
  return {};
}

std::expected<void, BadRequest> read_encoding(std::string_view value, Head& head, Seen& seen) {
  if (seen.encoding) return refuse("Transfer-Encoding must not be repeated.");
  seen.encoding = true;
  if (!equal_ignoring_case(value, "chunked")) {
    return refuse("Transfer-Encoding must be exactly: chunked.");
  }
  head.chunked = true;
  return {};
}

std::expected<void, BadRequest> read_known(Header& field, Head& head, Seen& seen) {
  const std::string_view name = field.name;
  switch (name.size()) {
    case 4:
      if (!equal_ignoring_case(name, "host")) return {};
      if (++seen.hosts > 1) return refuse("The Host header must not be repeated.");
      if (!field.value.empty() && !is_valid_authority(field.value)) {
        return refuse("The Host header is not a host with an optional port.");
      }
      // An absolute target wins, and nobody above shall see two different hosts.
      if (!head.host.empty()) field.value = head.host;
      seen.host = field.value;
      return {};
    case 6:
      if (!equal_ignoring_case(name, "expect") || head.http_1_0) return {};
      if (!equal_ignoring_case(field.value, "100-continue")) {
        return refuse("The only expectation known here is 100-continue.", 417);
      }
      head.expects_continue = true;
      return {};
    case 9:
      if (equal_ignoring_case(name, "forwarded")) head.forwarded = true;
      return {};
    case 10:
      if (equal_ignoring_case(name, "connection")) read_connection(field.value, head, seen.close);
      return {};
    case 14:
      if (equal_ignoring_case(name, "content-length")) return read_length(field.value, head, seen);
      break;
    case 17:
      if (equal_ignoring_case(name, "transfer-encoding")) {
        return read_encoding(field.value, head, seen);
      }
      break;
    default:
      break;
  }
  if (starts_with_ignoring_case(name, "x-forwarded-")) head.forwarded = true;
  return {};
}

std::expected<void, BadRequest> check_whole(Head& head, const Seen& seen) {
  if (seen.hosts == 0 && !head.http_1_0) return refuse("An HTTP/1.1 request needs a Host header.");
  if (seen.length && seen.encoding) {
    return refuse("Content-Length and Transfer-Encoding must not come together.");
  }
  if (seen.encoding && head.http_1_0) return refuse("HTTP/1.0 knows no Transfer-Encoding.");
  if (head.host.empty()) head.host = seen.host;
  if (seen.close) head.keep_alive = false;
  return {};
}

}  // namespace

HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned, std::size_t size_max) {
  if (bytes == "\r") return {};  // perhaps the beginning of an empty line
  if (!bytes.empty() && !is_of_class(bytes.front(), kTokenChar)) {
    return head_refused("This is no HTTP request: it must start with a method.");
  }
  while (scanned < bytes.size()) {
    const auto newline = bytes.find('\n', scanned);
    if (newline == std::string_view::npos || newline >= size_max) {
      scanned = bytes.size();
      break;
    }
    scanned = newline + 1;
    if (newline == 0 || bytes[newline - 1] != '\r') {
      return head_refused("Every line must end in CR LF; here is a bare LF.");
    }
    if (newline >= 3 && bytes[newline - 2] == '\n') return {HeadSearch::found, newline + 1, {}};
  }
  if (bytes.size() <= size_max) return {};
  return head_refused("The request line and headers are too large together.", 431);
}

std::expected<Header, BadRequest> parse_field(std::string_view line) {
  std::size_t colon = 0;
  while (colon < line.size() && is_of_class(line[colon], kTokenChar)) ++colon;
  if (colon == 0 || colon == line.size() || line[colon] != ':') {
    if (line.starts_with(' ') || line.starts_with('\t')) {
      return refuse("A header must not be folded over several lines.");
    }
    return refuse("A header must be a name, a colon directly after it, and a value.");
  }
  const std::string_view value = line.substr(colon + 1);
  if (has_control(value)) return refuse("A header value holds a control character.");
  return Header{line.substr(0, colon), trim_blanks(value)};
}

std::expected<Head, BadRequest> parse_head(std::string_view bytes, std::vector<Header>& headers) {
  headers.clear();
  Head head;
  Seen seen;
  auto end = bytes.find("\r\n");
  const auto request_line = parse_request_line(bytes.substr(0, end), head);
  if (!request_line) return std::unexpected(request_line.error());

  for (bytes.remove_prefix(end + 2); !bytes.starts_with("\r\n"); bytes.remove_prefix(end + 2)) {
    // A line ends at its LF: a CR before anything else is left in the value, and refused there.
    end = bytes.find('\n') - 1;
    auto field = parse_field(bytes.substr(0, end));
    if (!field) return std::unexpected(field.error());
    const auto known = read_known(*field, head, seen);
    if (!known) return std::unexpected(known.error());
    headers.push_back(*field);
  }
  const auto whole = check_whole(head, seen);
  if (!whole) return std::unexpected(whole.error());
  return head;
}

bool is_valid_authority(std::string_view text) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos || !IpAddress::parse(text.substr(0, close + 1))) {
      return false;
    }
    has_port = close + 1 < text.size();
    port = text.substr(close + 1);
  } else {
    const auto colon = text.find(':');
    has_port = colon != std::string_view::npos;
    const std::string_view name = text.substr(0, colon);
    if (name.empty() || !all_of_class(name, kHostChar)) return false;
    if (has_port) port = text.substr(colon);
  }
  if (!has_port) return true;
  if (port.front() != ':' || port.size() > 6) return false;
  for (const char c : port.substr(1)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

}  // namespace rogerthat::net
