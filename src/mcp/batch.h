// Several messages in one array, where the revision has that. Running them, and one
// array of their answers when the last is there. Always plain JSON: no notes, no questions. One
// thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/http_shard.h"
#include "mcp/running_call.h"
#include "net/exchange.h"

namespace rogerthat::mcp {

class Batch final : public std::enable_shared_from_this<Batch> {
 public:
  static constexpr std::size_t kMessagesMax = 32;

  // `messages`: one JSON text each.
  static void run(HttpShard& shard, const CallOrigin& origin,
                  const std::vector<std::string>& messages, net::Exchange exchange);
  Batch(HttpShard& shard, net::Exchange exchange);
  ~Batch();

 private:
  class Member;
  class Watcher;

  void start(const CallOrigin& origin, const std::string& text);
  void answered(std::string_view message);
  void all_started();
  void reply_when_complete();
  void half_closed();
  void next_request();
  void closed(bool acknowledged);

  HttpShard& shard_;
  net::Exchange exchange_;
  std::vector<std::shared_ptr<Member>> members_;
  std::string answers_ = "[";
  std::size_t missing_ = 0;
  bool started_ = false;
  bool replied_ = false;
};

}  // namespace rogerthat::mcp
