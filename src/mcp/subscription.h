// What a modern client listens for: one open answer to subscriptions/listen. The
// filter, its watches, and the notifications that carry the subscription's id. One thread; what is
// watched tells it from any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/application.h"
#include "mcp/due.h"
#include "mcp/http_shard.h"
#include "mcp/json_rpc.h"
#include "mcp/running_call.h"
#include "net/exchange.h"

namespace rogerthat::mcp {

class Subscription final : public Due, public std::enable_shared_from_this<Subscription> {
 public:
  static constexpr std::size_t kWatchesMax = 64;

  // Answers the exchange: with a stream, or with an error.
  static void open(HttpShard& shard, const CallOrigin& origin, const Message& message,
                   net::Exchange exchange);
  ~Subscription() override;

  void list_changed(List list);
  void finish();  // in order, with a result
  void gone();    // the connection is
  void due(Millis steady_now) override;

 private:
  class Sink;
  class Watcher;
  struct Watched {
    std::string uri;
    std::shared_ptr<Sink> sink;
    std::unique_ptr<Watch> watch;
  };

  Subscription(HttpShard& shard, const CallOrigin& origin, std::string id, net::Exchange exchange);
  void watch(const Request& request, const std::vector<std::string>& uris);
  void begin();
  void updated(std::string_view uri);
  void write(std::string_view method, std::string_view more_params);
  std::string id_field() const;
  void leave();

  HttpShard& shard_;
  Application& application_;
  const std::string id_;  // as JSON
  net::Exchange exchange_;
  std::vector<Watched> watched_;
  std::uint8_t lists_ = 0;  // a bit for each List
  bool open_ = false;
};

}  // namespace rogerthat::mcp
