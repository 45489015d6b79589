// An MCP server made of nothing but the rooms net and mcp, with the fixtures that the official
// conformance suites expect.
//   conformance_server [--port N] [--shards N]
// Prints its port once it listens; ends on SIGTERM or SIGINT.

#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/json.h"
#include "fixtures.h"
#include "local_names.h"
#include "mcp/http_endpoint.h"
#include "net/server.h"
#include "net/timers.h"

namespace rogerthat::conformance {

namespace {

constexpr std::string_view kPath = "/mcp";
constexpr std::size_t kBodyMax = 1 << 20;
constexpr int kShardsMax = 64;

struct Options {
  int port = 0;  // a free one
  int shards = 1;
};

std::optional<int> parse_number(std::string_view text, int min, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < min || number > max) return std::nullopt;
  return number;
}

std::optional<Options> parse_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; i += 2) {
    const std::string_view name = words[i];
    const std::string_view value = i + 1 < count ? words[i + 1] : "";
    std::optional<int> number;
    if (name == "--port" && (number = parse_number(value, 0, 65535))) {
      options.port = *number;
    } else if (name == "--shards" && (number = parse_number(value, 1, kShardsMax))) {
      options.shards = *number;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

std::string refusal_json(std::string_view reason) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("jsonrpc", "2.0").key("error").begin_object();
  json.field("code", static_cast<int>(mcp::ErrorCode::server_error)).field("message", reason);
  json.end_object().null_field("id").end_object();
  return out;
}

net::Response refusal(int status, std::string_view reason) {
  net::Response response;
  response.status = status;
  response.body = refusal_json(reason);
  return response;
}

// Loops, timers, fixtures and endpoint of one server.
class Site final : public net::Handler, public Surroundings {
 public:
  explicit Site(int shards) : fixtures_(*this) {
    mcp::HttpOptions options;
    for (int i = 0; i < shards; ++i) {
      loops_.push_back(std::make_unique<net::Loop>());
      options.loops.push_back(loops_.back().get());
    }
    for (net::Loop* loop : options.loops) timers_.push_back(std::make_unique<net::Timers>(*loop));
    loop_pointers_ = options.loops;
    endpoint_ = std::make_unique<mcp::HttpEndpoint>(std::move(options));
  }

  const std::vector<net::Loop*>& loops() const { return loop_pointers_; }

  // From the net room.
  void handle(const net::Request& request, net::Exchange exchange) override {
    if (!is_local(request)) {
      exchange.reply(refusal(403, "Host or Origin is not local."));
    } else if (request.path != kPath) {
      exchange.reply(refusal(404, "The endpoint is /mcp."));
    } else {
      endpoint_->handle(shard(), request, std::move(exchange), fixtures_, "", nullptr);
    }
  }
  std::size_t body_limit(net::Method, std::string_view) override { return kBodyMax; }
  std::string refusal_body(int, std::string_view reason) override { return refusal_json(reason); }

  // From the fixtures.
  void after(Millis delay, net::Loop::Job job) override {
    timers_[shard()]->after(delay, std::move(job));
  }
  void list_changed(mcp::List list) override { endpoint_->list_changed(list); }

 private:
  // The shard whose thread this is.
  std::uint32_t shard() const {
    std::uint32_t number = 0;
    while (loop_pointers_[number] != net::Loop::current()) ++number;
    return number;
  }

  Fixtures fixtures_;
  std::vector<std::unique_ptr<net::Loop>> loops_;
  std::vector<net::Loop*> loop_pointers_;
  std::unique_ptr<mcp::HttpEndpoint> endpoint_;
  std::vector<std::unique_ptr<net::Timers>> timers_;
};

int serve(const Options& options) {
  // Before any thread, so that all of them leave these signals to sigwait().
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Site site(options.shards);
  net::Server server({.port = options.port}, site.loops(), site);
  if (const auto listening = server.listen(); !listening) {
    std::fprintf(stderr, "conformance_server: %s\n", listening.error().message.c_str());
    return 1;
  }
  std::vector<std::thread> threads;
  for (net::Loop* loop : site.loops()) threads.emplace_back([loop] { loop->run(); });
  std::printf("%d\n", server.port());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&ends, &signal);
  for (net::Loop* loop : site.loops()) loop->stop();
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace

}  // namespace rogerthat::conformance

int main(int count, char** words) {
  const auto options = rogerthat::conformance::parse_options(count, words);
  if (!options) {
    std::fprintf(stderr, "usage: conformance_server [--port N] [--shards N]\n");
    return 2;
  }
  return rogerthat::conformance::serve(*options);
}
