// Values of options, from text: parsing and validation of each kind of value. A reader says nothing
// when the text is fine, else what it should have been: "a port from 0 to 65535".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/time.h"
#include "net/address.h"

namespace rogerthat::cli {

using Expected = std::optional<std::string>;  // what was expected; nothing where the value is fine

// A secret that whoever calls must show: what it is compared with is all that is kept of it.
struct HashedSecret {
  Digest hash{};
  std::size_t characters = 0;
};

Expected read_integer(std::string_view text, std::uint64_t min, std::uint64_t max,
                      std::string_view what, std::uint64_t& out);
// A number of bytes: 8388608, 8MiB, 512KiB, 1GiB.
Expected read_bytes(std::string_view text, std::uint64_t min, std::uint64_t max,
                    std::uint64_t& out);
// A number of `unit`s: seconds, days.
Expected read_time(std::string_view text, Millis unit, std::uint64_t min, std::uint64_t max,
                   Millis& out);
Expected read_flag(std::string_view text, bool& out);
Expected read_text(std::string_view text, std::string& out);    // one line, no controls
Expected read_secret(std::string_view text, std::string& out);  // fits into a header
Expected hash_secret(std::string_view text, std::optional<HashedSecret>& out);
Expected read_path(std::string_view text, std::string& out);
Expected read_host(std::string_view text, std::string& out);  // name or address, no port
Expected read_host_and_port(std::string_view text, std::string& host, int& port);  // no port: 0
Expected read_mail_address(std::string_view text, std::string& out);
Expected read_origin(std::string_view text, std::string& out);
Expected read_link(std::string_view text, std::string& out);  // of the web, to be clicked
Expected read_header_name(std::string_view text, std::string& out);
Expected add_network(std::string_view text, std::vector<net::IpNetwork>& out);
Expected add_host(std::string_view text, std::vector<std::string>& out);
Expected add_origin(std::string_view text, std::vector<std::string>& out);  // also "*"

template <class T>
Expected read_number(std::string_view text, std::uint64_t min, std::uint64_t max,
                     std::string_view what, T& out) {
  std::uint64_t number = 0;
  if (Expected problem = read_integer(text, min, max, what, number)) return problem;
  out = static_cast<T>(number);
  return std::nullopt;
}

template <class T>
Expected read_size(std::string_view text, std::uint64_t min, std::uint64_t max, T& out) {
  std::uint64_t number = 0;
  if (Expected problem = read_bytes(text, min, max, number)) return problem;
  out = static_cast<T>(number);
  return std::nullopt;
}

}  // namespace rogerthat::cli
