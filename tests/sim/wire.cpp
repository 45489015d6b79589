#include "wire.h"

#include <fmt/format.h>

namespace rogerthat::sim {

namespace {
std::string_view name(const Request& request) {
  switch (request.verb) {
    case Verb::join:
      return "joins";
    case Verb::send:
      return "sends";
    case Verb::receive:
      return request.kind == core::ReaderKind::poll ? "polls" : "streams";
    case Verb::leave:
      return "leaves";
    case Verb::history:
      return "asks for history";
    case Verb::receipts:
      break;
  }
  return "asks for receipts";
}
}  // namespace

std::string describe(const Request& request) {
  std::string text =
      fmt::format("{} on channel {} {}", request.callsign, request.channel, name(request));
  if (request.verb == Verb::send) text += fmt::format(" post {}", request.post);
  if (request.verb == Verb::receipts) text += fmt::format(" of {}", request.id);
  if (request.verb != Verb::receive) return text;
  if (request.since) text += fmt::format(" since {}", *request.since);
  if (request.ack) text += fmt::format(" ack {}", *request.ack);
  if (request.kind == core::ReaderKind::poll) text += fmt::format(" for {} ms", request.timeout);
  return text;
}

}  // namespace rogerthat::sim
