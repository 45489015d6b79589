// A Parked that tells a test what it was told.
#pragma once

#include "live_server.h"

namespace rogerthat::net {

class Recorder final : public Parked {
 public:
  explicit Recorder(Signal& told) : told_(told) {}
  void peer_half_closed() override {
    told_.raise("half closed");
    if (on_half_closed) on_half_closed();
  }
  void next_request() override { told_.raise("next request"); }
  void closed(bool acknowledged) override {
    told_.raise(acknowledged ? "closed, acknowledged" : "closed, not acknowledged");
  }
  void drained() override { told_.raise("drained"); }
  std::function<void()> on_half_closed;

 private:
  Signal& told_;
};

inline Response text_response(std::string body, int status = 200) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace rogerthat::net
