#include "bridge/bridge.h"

#include <csignal>
#include <cstdio>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/random.h"
#include "bridge/application.h"
#include "client/link.h"
#include "mcp/stdio_endpoint.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "net/timers.h"

namespace rogerthat::bridge {

namespace {

constexpr Millis kGoodbye = 1500;  // for telling the hub; clients wait about two seconds

// One client, and nobody else at the other end of the pipe.
class PipeCaller final : public mcp::Caller {};

// The signals that end the process, as an event of the loop.
class EndSignals final : public net::Watched {
 public:
  EndSignals(net::Loop& loop, std::function<void()> ended) : loop_(loop), ended_(std::move(ended)) {
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&wanted, signal);
    sigprocmask(SIG_BLOCK, &wanted, nullptr);
    fd_ = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd_ >= 0) loop_.watch(fd_, EPOLLIN, this);
  }
  ~EndSignals() override {
    if (fd_ < 0) return;
    loop_.unwatch(fd_, this);
    close(fd_);
  }
  void on_ready(std::uint32_t) override {
    signalfd_siginfo info{};
    while (read(fd_, &info, sizeof info) == sizeof info) ended_();
  }

 private:
  net::Loop& loop_;
  std::function<void()> ended_;
  int fd_ = -1;
};

}  // namespace

int run(const Settings& settings) {
  if (isatty(STDIN_FILENO) != 0) {
    fmt::print(stderr,
               "rogerthat mcp speaks MCP over standard input and output: an MCP client starts it.\n"
               "See rogerthat help mcp. Ctrl-D ends it.\n");
  }
  std::signal(SIGPIPE, SIG_IGN);
  // Tokens are in memory: none of it shall end in a core file.
  constexpr rlimit kNoCore{0, 0};
  setrlimit(RLIMIT_CORE, &kNoCore);

  net::Loop loop;
  net::Timers timers(loop);
  SystemRandom random;
  net::HttpClient http(loop, {.ca_file = settings.ca_file});
  client::HubLink link(timers, http, random, settings.hub);
  Application application(link, timers, settings);
  bool ending = false;
  const auto end = [&] {
    if (std::exchange(ending, true)) return loop.stop();  // a second signal does not wait
    application.leave_all(kGoodbye, [&loop] { loop.stop(); });
  };
  EndSignals signals(loop, end);
  mcp::StdioEndpoint endpoint(loop, STDIN_FILENO, STDOUT_FILENO, application,
                              std::make_shared<PipeCaller>(), end);
  application.set_notify([&endpoint](std::string_view method, std::string_view params) {
    endpoint.notify(method, params);
  });
  endpoint.start();
  loop.run();
  return 0;
}

}  // namespace rogerthat::bridge
