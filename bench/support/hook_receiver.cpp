#include "support/hook_receiver.h"

#include <charconv>
#include <string>

#include "support/peer.h"

namespace rogerthat::bench {
namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 204 No Content\r\n\r\n";
constexpr std::string_view kLength = "\r\nContent-Length: ";  // as the hub writes it

std::size_t body_length(std::string_view head) {
  std::size_t length = 0;
  const std::size_t at = head.find(kLength);
  if (at == head.npos) throw Failure("a webhook came without a length");
  const std::string_view digits = head.substr(at + kLength.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return length;
}

}  // namespace

void HookReceiver::on_response(Connection&, const Response&) {}

// The hub closes what it needs no more.
void HookReceiver::on_closed(Connection&) {}

void HookReceiver::on_bytes(Connection& connection, std::string_view bytes) {
  connection.partial += bytes;
  std::string_view rest = connection.partial;
  while (connection.fd >= 0) {
    const std::size_t head_end = rest.find("\r\n\r\n");
    if (head_end == rest.npos) break;
    const std::size_t whole = head_end + 4 + body_length(rest.substr(0, head_end));
    if (rest.size() < whole) break;
    take(rest.substr(head_end + 4, whole - head_end - 4));
    rest.remove_prefix(whole);
    loop_.send(connection, kAnswer);
  }
  connection.partial.erase(0, connection.partial.size() - rest.size());
}

void HookReceiver::take(std::string_view body) {
  received_++;
  std::string no_rest;
  each_stamp(no_rest, body, [this](Nanos stamp) { latency_.record(now_ns() - stamp); });
}

}  // namespace rogerthat::bench
