// Calls that are answered by a stream and stay open. Lives here: opening many of them, and counting
// what they are told meanwhile.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/loop.h"

namespace rogerthat::bench {

class ParkedCalls : public ConnectionHandler {
 public:
  explicit ParkedCalls(Loop& loop) : loop_(loop) {}

  void open(std::string_view request);
  void wait_until_open();  // until every head has come; Failure if a call is not parked

  std::uint64_t progress_told() const { return told_; }

  void on_response(Connection& connection, const Response& response) override;
  void on_bytes(Connection& connection, std::string_view bytes) override;

 private:
  Loop& loop_;
  std::size_t opened_ = 0;
  std::size_t answered_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace rogerthat::bench
