#include "support/parked_calls.h"

#include <fmt/core.h>

namespace rogerthat::bench {
namespace {

// Connections opened before the server gets a turn: below any listen backlog.
constexpr std::size_t kBurst = 256;

constexpr std::string_view kProgress = "notifications/progress";

}  // namespace

void ParkedCalls::open(std::string_view request) {
  Connection& connection = loop_.open(*this, true);
  loop_.send(connection, request);
  if (++opened_ % kBurst == 0) loop_.poll(now_ns() + kNanosPerMilli);
}

void ParkedCalls::wait_until_open() {
  loop_.run_until_done([&] { return answered_ == opened_; }, 60 * kNanosPerSecond,
                       "the calls to be parked");
}

void ParkedCalls::on_response(Connection&, const Response& response) {
  if (response.status != 200 ||
      header_value(response, "content-type").find("text/event-stream") == std::string_view::npos) {
    throw Failure(fmt::format("a call that should wait was answered {}", response.head));
  }
  answered_++;
}

void ParkedCalls::on_bytes(Connection& connection, std::string_view bytes) {
  if (bytes.find("\"result\"") != std::string_view::npos) {
    throw Failure(fmt::format("a call that should wait was answered {:.300}", bytes));
  }
  // What may be the beginning of the word is kept until the rest has come.
  std::string& rest = connection.partial;
  rest += bytes;
  std::size_t at = 0;
  while ((at = rest.find(kProgress)) != std::string::npos) {
    told_++;
    rest.erase(0, at + kProgress.size());
  }
  if (rest.size() >= kProgress.size()) rest.erase(0, rest.size() - kProgress.size() + 1);
}

}  // namespace rogerthat::bench
