// HTTP/1.1 requests to other servers. What a request may ask for, what becomes of it,
// and the client that carries many of them out on one loop. Redirects are answers like any other:
// none is ever followed.
//
// Everything here belongs to the loop's thread.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "net/address.h"
#include "net/lookups.h"
#include "net/loop.h"
#include "net/response_parser.h"
#include "net/tls_client.h"

namespace rogerthat::net {

struct ClientRequest {
  std::string method = "GET";
  std::string url = {};
  // Host, Content-Length and Connection are the client's own.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // Doing it twice is as good as once: sent again when a kept connection turns out to be dead.
  bool repeatable = false;
  // Closed after the answer: no later request on the connection tells the server that it has
  // arrived.
  bool closes = false;

  Millis connect_max = 10 * kSecond;     // name, TCP and TLS together
  Millis first_byte_max = 30 * kSecond;  // from the last byte written to the head of the answer
  Millis idle_max = 60 * kSecond;        // between pieces of the body
  Millis total_max = kNever;
  std::size_t body_bytes_max = 4 << 20;  // of an answer that is collected

  // Asked for each address that the name stands for; only those allowed are connected to, and a
  // kept connection is used only where its address passes. Empty: all.
  std::function<bool(const IpAddress&)> allow = {};
};

struct ClientResponse {
  ResponseHead head;
  std::string body;
};

enum class ClientFailure : std::uint8_t {
  bad_request,      // the URL or a header cannot be sent
  refused_address,  // no address of the host was allowed
  unresolved,
  unreachable,
  tls,
  timeout,
  broken,  // the connection ended before the answer did
  malformed,
  too_large,
  overloaded,  // too many requests wait in this client
};

struct ClientError {
  ClientFailure kind = ClientFailure::broken;
  std::string text = {};  // for a person, without URL and headers
  // No byte of the request has left: the server surely did nothing.
  bool unsent = true;
};

// Takes an answer as it comes. Any of its calls may cancel the transfer or start others.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void on_head(const ResponseHead& head) = 0;
  virtual void on_data(std::string_view piece) = 0;
  virtual void on_end() = 0;
  virtual void on_failure(const ClientError& error) = 0;  // instead of on_end, at any time
};

struct ClientOptions {
  std::string ca_file = {};          // beside the system's authorities
  std::size_t connections_max = 64;  // further requests wait
  std::size_t waiting_max = 1000;
  std::size_t idle_per_origin_max = 4;
  Millis idle_connection_max = 30 * kSecond;  // below what servers keep theirs for
};

class HttpClient {
 public:
  using Id = std::uint64_t;
  using Done = std::move_only_function<void(std::expected<ClientResponse, ClientError>)>;

  explicit HttpClient(Loop& loop, ClientOptions options = {},
                      Lookups& lookups = Lookups::of_process());
  // Whatever runs is cancelled. Not from within a call of the client's.
  ~HttpClient();

  // Neither calls back before it returns.
  Id send(ClientRequest request, Done done);
  Id stream(ClientRequest request, std::unique_ptr<ResponseSink> sink);
  // Nothing is heard of it any more. What has ended may be cancelled.
  void cancel(Id id);

  std::size_t running() const;      // requests that are not answered
  std::size_t connections() const;  // open, in use or kept

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rogerthat::net
