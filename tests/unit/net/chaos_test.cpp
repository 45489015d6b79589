// Many clients that do what they like, from a seed: whatever happens, each Parked hears exactly one
// last word, no connection is left over, and the server goes on serving.
#include <atomic>
#include <optional>

#include <gtest/gtest.h>

#include "base/random.h"
#include "recorder.h"

namespace rogerthat::net {
namespace {

struct Tallies {
  std::atomic<int> parked{0};
  std::atomic<int> last_words{0};
  std::atomic<int> destroyed{0};
};

// Answers or leaves it, by what the seed says.
class Whimsical final : public Parked {
 public:
  Whimsical(Tallies& tallies, Exchange& exchange, std::uint64_t whim)
      : tallies_(tallies), exchange_(exchange), whim_(whim) {
    ++tallies_.parked;
  }
  ~Whimsical() override { ++tallies_.destroyed; }
  void peer_half_closed() override {
    if (whim_ % 3 == 0) exchange_.reply(text_response("half"));
    if (whim_ % 3 == 1) exchange_.abort();
  }
  void next_request() override { ++tallies_.last_words; }
  void closed(bool) override { ++tallies_.last_words; }
  void drained() override {
    if (whim_ % 2 == 0) exchange_.finish();
  }

 private:
  Tallies& tallies_;
  Exchange& exchange_;
  const std::uint64_t whim_;
};

class Chaos : public testing::Test {
 protected:
  // One loop's waiting exchanges; touched on that loop only.
  struct PerLoop {
    std::vector<std::unique_ptr<Exchange>> waiting;
    SeededRandom random{7};
  };

  void SetUp() override {
    live.handler.on_request = [this](const Request& request, Exchange exchange) {
      const std::size_t here = Loop::current() == &live.loop(0) ? 0 : 1;
      PerLoop& own = loops[here];
      if (request.path.starts_with("/move") && exchange.moves() < 2) {
        return exchange.move_to(live.loop(1 - here));
      }
      if (request.path.starts_with("/drop")) return;
      if (request.path.starts_with("/now")) return exchange.reply(text_response("now"));
      auto kept = std::make_unique<Exchange>(std::move(exchange));
      if (request.path.starts_with("/stream")) kept->open_stream();
      kept->park(std::make_unique<Whimsical>(tallies, *kept, own.random.next()));
      own.waiting.push_back(std::move(kept));
      stir(own);
    };
    live.start();
  }

  // Does something to an exchange of the past.
  void stir(PerLoop& own) {
    static const SharedBytes large =
        std::make_shared<const std::string>(http_chunk(std::string(200'000, 'x')));
    Exchange& one = *own.waiting[own.random.below(own.waiting.size())];
    switch (own.random.below(8)) {
      case 0:
      case 1:
      case 2:
        one.reply(text_response("later"));
        break;
      case 3:
        one.reply(text_response(std::string(1 << 20, 'y')));
        break;
      case 4:
        one.write(large);
        break;
      case 5:
        one.finish();
        break;
      case 6:
        one.abort();
        break;
      default:
        one.acknowledged();
        break;
    }
  }

  void client_of(std::uint64_t seed) {
    SeededRandom random(seed);
    static constexpr const char* kPaths[] = {"/now",      "/park",      "/stream",
                                             "/move/now", "/move/park", "/drop"};
    for (int i = 0; i < 250; ++i) {
      try {
        Client client(live.port(), "127.0.0.1", random.below(3) == 0 ? 4096 : 0);
        for (std::uint64_t n = random.below(5); n > 0; --n) {
          std::string request = std::string("POST ") + kPaths[random.below(6)] +
                                " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
          if (random.below(10) == 0) request.resize(random.below(request.size()));
          if (random.below(20) == 0) request[random.below(request.size())] = '\n';
          client.send(request);
          if (random.below(4) == 0) client.get("/now");
        }
        switch (random.below(4)) {
          case 0:
            client.reset();
            break;
          case 1:
            client.finish_sending();
            break;
          default:
            break;
        }
      } catch (const std::exception&) {  // the server may have closed first
      }
    }
  }

  Tallies tallies;
  PerLoop loops[2];
  LiveServer live{{.header_time_max = 50, .idle_time_max = 50, .write_stall_max = 50}, 2};
};

TEST_F(Chaos, LeavesNothingBehind) {
  std::vector<std::thread> clients;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    clients.emplace_back([this, seed] { client_of(seed); });
  }
  for (std::thread& client : clients) client.join();

  Client after(live);
  after.get("/now");
  EXPECT_EQ(after.answer().body, "now");

  live.server->begin_drain();
  live.server->close_all();
  while (!live.server->drained()) std::this_thread::yield();
  for (std::size_t i = 0; i < 2; ++i) {
    live.on_loop([&] { loops[i].waiting.clear(); }, i);
    live.on_loop([] {}, i);
  }
  EXPECT_GT(tallies.parked, 100);
  EXPECT_EQ(tallies.last_words, tallies.parked);
  EXPECT_EQ(tallies.destroyed, tallies.parked);
  const ServerCounters counters = live.server->counters();
  EXPECT_EQ(counters.accepted, counters.closed);
  EXPECT_EQ(counters.open, 0U);
}

}  // namespace
}  // namespace rogerthat::net
