#include "cli/option_values.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/utf8.h"

namespace rogerthat::cli {

namespace {

constexpr std::size_t kSecretLengthMax = 512;
constexpr std::size_t kLinkLengthMax = 500;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Digits only: no sign, no space, no overflow. Leaves what follows them in `rest`.
std::optional<std::uint64_t> leading_number(std::string_view text, std::string_view& rest) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool is_host_character(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-';
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '-' || text.front() == '.') return false;
  return std::all_of(text.begin(), text.end(), is_host_character);
}

bool is_port(std::string_view text) {
  std::string_view rest;
  const auto port = leading_number(text, rest);
  return port && rest.empty() && *port > 0 && *port <= 65535;
}

std::string printed_bytes(std::uint64_t bytes) {
  constexpr std::pair<std::uint64_t, const char*> kUnits[] = {
      {1ull << 30, "GiB"}, {1ull << 20, "MiB"}, {1ull << 10, "KiB"}};
  for (const auto& [unit, name] : kUnits) {
    if (bytes >= unit && bytes % unit == 0) return fmt::format("{}{}", bytes / unit, name);
  }
  return fmt::format("{}", bytes);
}

}  // namespace

Expected read_integer(std::string_view text, std::uint64_t min, std::uint64_t max,
                      std::string_view what, std::uint64_t& out) {
  std::string_view rest;
  const auto number = leading_number(text, rest);
  if (!number || !rest.empty() || *number < min || *number > max) {
    return fmt::format("{} from {} to {}", what, min, max);
  }
  out = *number;
  return std::nullopt;
}

Expected read_bytes(std::string_view text, std::uint64_t min, std::uint64_t max,
                    std::uint64_t& out) {
  const auto problem = [&] {
    return fmt::format("a number of bytes from {} to {} (like 65536, 512KiB, 8MiB or 1GiB)",
                       printed_bytes(min), printed_bytes(max));
  };
  std::string_view unit;
  const auto number = leading_number(text, unit);
  if (!number) return problem();
  int shift = 0;
  if (unit == "KiB") {
    shift = 10;
  } else if (unit == "MiB") {
    shift = 20;
  } else if (unit == "GiB") {
    shift = 30;
  } else if (!unit.empty()) {
    return problem();
  }
  if (*number > (max >> shift) || (*number << shift) < min) return problem();
  out = *number << shift;
  return std::nullopt;
}

Expected read_time(std::string_view text, Millis unit, std::uint64_t min, std::uint64_t max,
                   Millis& out) {
  std::uint64_t number = 0;
  const std::string_view what = unit == kDay ? "a number of days" : "a number of seconds";
  if (Expected problem = read_integer(text, min, max, what, number)) return problem;
  out = static_cast<Millis>(number) * unit;
  return std::nullopt;
}

Expected read_flag(std::string_view text, bool& out) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") {
    out = true;
  } else if (text == "false" || text == "0" || text == "no" || text == "off") {
    out = false;
  } else {
    return "true or false";
  }
  return std::nullopt;
}

Expected read_text(std::string_view text, std::string& out) {
  if (!is_valid_utf8(text) || has_control_or_line_break(text) || count_code_points(text) > 200) {
    return "one line of at most 200 characters";
  }
  out = text;
  return std::nullopt;
}

namespace {
Expected check_secret(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (text.empty() || text.size() > kSecretLengthMax || !printable) {
    return fmt::format("1 to {} printable ASCII characters without spaces", kSecretLengthMax);
  }
  return std::nullopt;
}
}  // namespace

Expected read_secret(std::string_view text, std::string& out) {
  if (Expected problem = check_secret(text)) return problem;
  out = text;
  return std::nullopt;
}

Expected hash_secret(std::string_view text, std::optional<HashedSecret>& out) {
  if (Expected problem = check_secret(text)) return problem;
  out = HashedSecret{sha256(text), text.size()};
  return std::nullopt;
}

Expected read_path(std::string_view text, std::string& out) {
  if (text.empty() || text.find('\0') != std::string_view::npos) return "a path";
  out = text;
  return std::nullopt;
}

Expected read_host(std::string_view text, std::string& out) {
  if (!is_host_name(text) && !net::IpAddress::parse(text)) {
    return "a host name or an IP address, without a port";
  }
  out = text;
  return std::nullopt;
}

Expected read_host_and_port(std::string_view text, std::string& host, int& port) {
  Expected problem = "a host name or an IP address, maybe with a port, like mail.example:587";
  const bool literal = text.starts_with('[');
  std::string_view name = text;
  port = 0;
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != text.npos &&
                        (literal ? colon > 0 && text[colon - 1] == ']' : text.find(':') == colon);
  if (has_port) {
    name = text.substr(0, colon);
    if (!is_port(text.substr(colon + 1))) return problem;
    std::string_view rest;
    port = static_cast<int>(*leading_number(text.substr(colon + 1), rest));
  }
  if (literal && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  return read_host(name, host) ? problem : std::nullopt;
}

Expected read_mail_address(std::string_view text, std::string& out) {
  const std::size_t at = text.rfind('@');
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"' && c != ',';
  });
  const bool fine = plain && text.size() <= 254 && at != text.npos && at > 0 &&
                    text.find('@') == at && is_host_name(text.substr(at + 1));
  if (!fine) return "a mail address, like hub@example.org";
  out = text;
  return std::nullopt;
}

Expected read_origin(std::string_view text, std::string& out) {
  Expected problem = "an origin: http:// or https://, a host, maybe a port, and nothing after it";
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return problem;
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t length = static_cast<std::size_t>(rest.data() + rest.size() - text.data());
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && rest.find(']', colon) == rest.npos;
  if (has_port) {
    if (!is_port(rest.substr(colon + 1))) return problem;
    rest = rest.substr(0, colon);
  }
  const bool literal = rest.starts_with('[') && rest.ends_with(']');
  if (!(literal ? net::IpAddress::parse(rest).has_value() : is_host_name(rest))) return problem;
  out = lower_ascii(text.substr(0, length));
  return std::nullopt;
}

Expected read_header_name(std::string_view text, std::string& out) {
  const bool fine =
      !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || is_letter(c) || c == '-' || c == '_';
      });
  if (!fine) return "the name of a header, like CF-Connecting-IP";
  out = text;
  return std::nullopt;
}

Expected add_network(std::string_view text, std::vector<net::IpNetwork>& out) {
  const auto network = net::IpNetwork::parse(text);
  if (!network) return "an address or network, like 10.0.0.0/8 or ::1";
  out.push_back(*network);
  return std::nullopt;
}

Expected add_host(std::string_view text, std::vector<std::string>& out) {
  std::string host;
  if (Expected problem = read_host(text, host)) return problem;
  out.push_back(lower_ascii(host));
  return std::nullopt;
}

Expected read_link(std::string_view text, std::string& out) {
  const bool of_the_web = text.starts_with("https://") || text.starts_with("http://");
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!of_the_web || !printable || text.size() > kLinkLengthMax) {
    return fmt::format("a link: http:// or https:// and at most {} characters without spaces",
                       kLinkLengthMax);
  }
  out = text;
  return std::nullopt;
}

Expected add_origin(std::string_view text, std::vector<std::string>& out) {
  std::string origin = "*";
  if (text != "*") {
    if (Expected problem = read_origin(text, origin)) return *problem + ", or *";
  }
  out.push_back(std::move(origin));
  return std::nullopt;
}

}  // namespace rogerthat::cli
