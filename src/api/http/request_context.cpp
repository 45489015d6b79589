#include "api/http/request_context.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace rogerthat::api {

KnownHeaders read_headers(const net::Request& request) {
  KnownHeaders out;
  const auto take = [](const net::Header& header, std::string_view name, std::string_view& into) {
    if (into.empty() && equal_ignoring_case(header.name, name)) into = header.value;
  };
  for (const net::Header& header : request.headers) {
    switch (header.name.size()) {
      case 4:
        take(header, "host", out.host);
        break;
      case 6:
        take(header, "origin", out.origin);
        take(header, "accept", out.accept);
        break;
      case 11:
        take(header, "x-hub-token", out.hub_token);
        break;
      case 12:
        take(header, "x-session-id", out.session_id);
        break;
      case 13:
        take(header, "authorization", out.authorization);
        take(header, "last-event-id", out.last_event_id);
        break;
      case 14:
        take(header, "x-identity-key", out.identity_key);
        break;
      case 16:
        take(header, "x-owner-password", out.owner_password);
        break;
      default:
        break;
    }
  }
  return out;
}

namespace {

std::string_view without_slash(std::string_view origin) {
  while (origin.ends_with('/')) origin.remove_suffix(1);
  return origin;
}

// Where links lead back to: with the edition that the caller came by, in front of the host or as a
// path prefix.
std::string origin_of(const Call& call) {
  const std::string_view given = without_slash(call.services.options.site.public_origin);
  const std::string_view host = call.request.host;
  std::string out;
  if (given.empty()) {
    out = call.request.secure ? "https://" : "http://";
    out += host;
  } else if (call.host_edition) {
    const std::size_t authority = given.find("://") + 3;
    out = given.substr(0, authority);
    out += lower_ascii(host.substr(0, host.find('.') + 1));
    out += given.substr(authority);
  } else {
    out = given;
  }
  if (!call.path_edition.empty()) {
    out += "/m/";
    out += call.path_edition;
  }
  return out;
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

View Call::view() const {
  return {services.options.site, origin_of(*this), edition};
}

bool Call::limited() const {
  const Site& site = services.options.site;
  if (site.limits.loopback_too) return true;
  return !(site.loopback_only && request.peer.is_loopback() && !request.forwarded);
}

bool Call::at_this_machine() const {
  return services.options.site.this_machine_only && request.peer.is_loopback() &&
         !request.forwarded && names_loopback(headers.host);
}

Result<std::optional<double>> number_parameter(const Call& call, std::string_view name) {
  const auto text = call.request.query_parameter(name);
  if (!text) return std::nullopt;
  if (trim(*text).empty()) return 0.0;
  const auto number = parse_number(trim(*text));
  if (!number) {
    return fail(ErrorCode::invalid, std::string(name) + " must be a number.",
                "Leave it out for the default.");
  }
  return number;
}

std::optional<core::MessageId> parse_id(std::string_view text) {
  const auto number = parse_number(trim(text));
  if (!number) return std::nullopt;
  constexpr double kMax = static_cast<double>(core::kMessageIdMax);
  return static_cast<core::MessageId>(std::clamp(*number, 0.0, kMax));
}

Result<std::optional<core::MessageId>> id_parameter(const Call& call, std::string_view name) {
  const auto number = number_parameter(call, name);
  if (!number) return std::unexpected(number.error());
  if (!*number) return std::nullopt;
  constexpr double kMax = static_cast<double>(core::kMessageIdMax);
  return static_cast<core::MessageId>(std::clamp(**number, 0.0, kMax));
}

std::size_t count_parameter(const Call& call, std::string_view name, std::size_t fallback,
                            std::size_t max) {
  const auto text = call.request.query_parameter(name);
  const auto number = text ? parse_number(trim(*text)) : std::nullopt;
  if (!number) return fallback;
  return static_cast<std::size_t>(std::clamp(*number, 1.0, static_cast<double>(max)));
}

std::string& scratch() {
  constexpr std::size_t kKept = 1 << 20;
  thread_local std::string buffer;
  if (buffer.capacity() > kKept) std::string().swap(buffer);
  buffer.clear();
  return buffer;
}

}  // namespace rogerthat::api
