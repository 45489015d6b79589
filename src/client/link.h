// The way to a hub: one request of MCP, revision 2026-07-28, carried out over HTTP and repeated
// while the hub is away. What is asked, and for which channel, is not known here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/random.h"
#include "base/time.h"
#include "client/backoff.h"
#include "client/hub_access.h"
#include "net/http_client.h"
#include "net/timers.h"

namespace rogerthat::client {

struct HubRequest {
  std::string method;                   // tools/call, resources/read
  std::string name;                     // of the tool; the URI of the resource
  std::function<std::string()> params;  // a JSON object, without _meta; made for each attempt
  std::string bearer;                   // a channel's token; empty: none
  bool repeatable = false;              // may be sent again when it is not known what became of it
  bool receives = false;  // what the answer brings is confirmed by nothing but a tool call
};

// What stands behind a failure, for whoever decides whether to try again.
enum class Retry : std::uint8_t {
  soon,   // it may be over in a moment: worth waiting for
  later,  // tell it now; it may work when something else has changed by itself
  never   // it stays as it is until a person does something
};
// The same for a tool that has refused, by the code that it gives.
Retry retry_of(std::string_view code);

struct HubAnswer {
  enum class Kind : std::uint8_t {
    result,    // json: the object of `result`
    refused,   // json: the object of `error`
    no_answer  // text: why, as a sentence
  };
  Kind kind = Kind::no_answer;
  std::string json;
  std::string text;
  Retry retry = Retry::soon;  // of no answer, and of a refusal
};

class HubLink {
 public:
  using Id = std::uint64_t;
  using Done = std::move_only_function<void(HubAnswer)>;
  // With a hub that has answered before and is away. One that never has is told of at once.
  static constexpr Millis kPatience = 10 * kSecond;

  HubLink(net::Timers& timers, net::HttpClient& http, Random& random, const HubAccess& hub);
  ~HubLink();

  // `done` is not called before this returns.
  Id ask(HubRequest request, Done done);
  void cancel(Id id);  // nothing is heard of it any more; the hub notices

  // A request to the hub's REST side, with what every request of ours carries.
  net::ClientRequest plain_request(std::string_view path, std::string_view bearer) const;
  net::HttpClient& http() { return http_; }
  Random& random() { return random_; }
  const std::string& origin() const { return hub_.origin; }

 private:
  struct Asking;
  class Reader;

  void attempt(Id id);
  void settle(Id id, HubAnswer answer);
  void failed(Id id, const net::ClientError& error);
  void reached(Id id);
  bool may_repeat(Id id) const;
  void try_later(Id id, const std::string& why, Millis wait);
  bool never_there(const net::ClientError& error) const;
  std::string absence(const net::ClientError& error) const;

  net::Timers& timers_;
  net::HttpClient& http_;
  Random& random_;
  const HubAccess& hub_;
  std::unordered_map<Id, std::unique_ptr<Asking>> asking_;
  Id last_id_ = 0;
  bool was_there_ = false;  // a hub has answered at this address
};

}  // namespace rogerthat::client
