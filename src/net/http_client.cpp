#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/utf8.h"
#include "net/client_connection.h"
#include "net/http_chars.h"
#include "net/resolver.h"
#include "net/timers.h"
#include "net/url.h"

namespace rogerthat::net {

namespace {

// Nothing where the request can be sent; else why not.
std::optional<std::string> what_is_wrong(const ClientRequest& request) {
  if (request.method.empty() || !all_of_class(request.method, kTokenChar)) {
    return "the request method holds a character that no method has";
  }
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !all_of_class(name, kTokenChar) || has_control(value)) {
      return fmt::format("the header {} cannot be sent", name);
    }
  }
  return std::nullopt;
}

bool is_repeatable(const ClientRequest& request) {
  return request.repeatable || request.method == "GET" || request.method == "HEAD";
}

std::string encode(const ClientRequest& request, const Url& url) {
  std::string bytes;
  bytes.reserve(512 + request.body.size());
  bytes.append(request.method).append(" ").append(url.target).append(" HTTP/1.1\r\nHost: ");
  bytes.append(url.authority).append("\r\n");
  for (const auto& [name, value] : request.headers) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    bytes.append(fmt::format("Content-Length: {}\r\n", request.body.size()));
  }
  if (request.closes) bytes.append("Connection: close\r\n");
  return bytes.append("\r\n").append(request.body);
}

}  // namespace

struct HttpClient::Impl {
  class Transfer;
  class Collector;

  Loop& loop;
  ClientOptions options;
  Timers timers;
  Resolver resolver;
  std::optional<TlsClientContext> tls;
  std::unordered_map<Id, std::unique_ptr<Transfer>> transfers;
  std::vector<std::unique_ptr<Transfer>> gone;  // ended within a call of theirs
  std::deque<Id> waiting;                       // for a connection
  std::map<std::string, std::vector<std::shared_ptr<ClientConnection>>> kept;  // by origin
  std::size_t active = 0;  // transfers that hold or make a connection
  Timers::Id upkeep{};
  Id last_id = 0;
  // What is posted to the loop must find out whether all of this still exists.
  std::shared_ptr<Impl*> self = std::make_shared<Impl*>(this);

  Impl(Loop& on, ClientOptions with, Lookups& lookups);
  ~Impl();

  template <class Job>
  void later(Job job) {
    loop.post([weak = std::weak_ptr(self), job = std::move(job)]() mutable {
      if (const auto alive = weak.lock()) job(**alive);
    });
  }

  Id add(ClientRequest request, std::unique_ptr<ResponseSink> sink);
  void remove(Id id);
  Transfer* find(Id id);
  Result<const TlsClientContext*> tls_context();

  std::shared_ptr<ClientConnection> take_kept(const Url& url, const ClientRequest& request);
  void keep(const std::string& origin, std::shared_ptr<ClientConnection> connection);
  bool make_room();
  std::size_t kept_count() const;
  void forget_old();
  void start_waiting();
};

class HttpClient::Impl::Transfer final : public ConnectionUser {
 public:
  Transfer(Impl& client, Id id, ClientRequest request, std::unique_ptr<ResponseSink> sink)
      : client_(client), id_(id), request_(std::move(request)), sink_(std::move(sink)) {}

  void begin();    // once, from the loop
  bool proceed();  // false: no connection is to be had yet
  void abandon();  // no calls any more
  void failed(ClientError error) override;

  void connected() override { send_request(); }
  void wrote() override;
  void head_came(const ResponseHead& head) override;
  void data_came(std::string_view piece) override;
  void ended() override;

 private:
  enum class Phase : std::uint8_t { waiting, connecting, awaiting, body };

  void connect_fresh();
  void resolved(Resolver::Found found);
  void send_request();
  void allow_time(Millis time, std::string_view what_for);
  void time_is_up();
  void release();

  Impl& client_;
  Id id_;
  ClientRequest request_;
  std::unique_ptr<ResponseSink> sink_;
  Url url_;
  std::shared_ptr<ClientConnection> connection_;
  Phase phase_ = Phase::waiting;
  Timers::Id timer_{}, total_timer_{};
  Millis deadline_ = kNever;
  std::string_view awaited_;
  bool holds_place_ = false;
  bool on_kept_ = false;
  bool abandoned_ = false;
};

// --- A transfer.

void HttpClient::Impl::Transfer::begin() {
  auto url = Url::parse(request_.url);
  if (!url) {
    return failed({ClientFailure::bad_request, fmt::format("the URL {}", url.error())});
  }
  url_ = std::move(*url);
  if (auto wrong = what_is_wrong(request_)) {
    return failed({ClientFailure::bad_request, std::move(*wrong)});
  }
  if (request_.total_max != kNever) {
    total_timer_ = client_.timers.after(request_.total_max, [this] {
      failed({ClientFailure::timeout, "the whole answer took too long", phase_ < Phase::awaiting});
    });
  }
  allow_time(request_.connect_max, "to connect");
  if (client_.waiting.empty() && proceed()) return;
  if (client_.waiting.size() >= client_.options.waiting_max) {
    return failed({ClientFailure::overloaded, "too many requests wait for a connection"});
  }
  client_.waiting.push_back(id_);
}

bool HttpClient::Impl::Transfer::proceed() {
  if (auto connection = client_.take_kept(url_, request_)) {
    on_kept_ = true;
    connection_ = std::move(connection);
  } else if (!client_.make_room()) {
    return false;
  }
  holds_place_ = true;
  ++client_.active;
  if (on_kept_) {
    send_request();
  } else {
    connect_fresh();
  }
  return true;
}

void HttpClient::Impl::Transfer::connect_fresh() {
  phase_ = Phase::connecting;
  on_kept_ = false;
  client_.resolver.resolve(url_.host,
                           [weak = std::weak_ptr(client_.self), id = id_](Resolver::Found found) {
                             const auto alive = weak.lock();
                             Transfer* const transfer = alive ? (*alive)->find(id) : nullptr;
                             if (transfer != nullptr) transfer->resolved(std::move(found));
                           });
}

void HttpClient::Impl::Transfer::resolved(Resolver::Found found) {
  if (!found) {
    return failed({ClientFailure::unresolved,
                   fmt::format("{} cannot be resolved: {}", url_.host, found.error())});
  }
  if (request_.allow) {
    std::erase_if(*found, [this](const IpAddress& address) { return !request_.allow(address); });
    if (found->empty()) {
      return failed({ClientFailure::refused_address,
                     fmt::format("{} stands for no address that is allowed", url_.host)});
    }
  }
  const TlsClientContext* tls_context = nullptr;
  if (url_.secure) {
    const auto context = client_.tls_context();
    if (!context) return failed({ClientFailure::tls, context.error().message});
    tls_context = *context;
  }
  connection_ = std::make_shared<ClientConnection>(client_.loop, client_.timers, tls_context, url_);
  connection_->connect(std::move(*found), *this);
}

void HttpClient::Impl::Transfer::send_request() {
  phase_ = Phase::awaiting;
  allow_time(request_.first_byte_max, "for an answer");
  connection_->send(encode(request_, url_), request_.method == "HEAD", *this);
}

void HttpClient::Impl::Transfer::wrote() {
  if (phase_ == Phase::awaiting) allow_time(request_.first_byte_max, "for an answer");
}

void HttpClient::Impl::Transfer::head_came(const ResponseHead& head) {
  phase_ = Phase::body;
  allow_time(request_.idle_max, "for more of the answer");
  sink_->on_head(head);
}

void HttpClient::Impl::Transfer::data_came(std::string_view piece) {
  allow_time(request_.idle_max, "for more of the answer");
  sink_->on_data(piece);
}

void HttpClient::Impl::Transfer::ended() {
  ResponseSink& sink = *sink_;
  client_.remove(id_);  // alive until the end of this round
  sink.on_end();
}

void HttpClient::Impl::Transfer::failed(ClientError error) {
  const bool dead_from_the_start = on_kept_ && error.kind == ClientFailure::broken &&
                                   phase_ == Phase::awaiting && !connection_->answer_begun();
  if (dead_from_the_start && (error.unsent || is_repeatable(request_))) {
    connection_.reset();
    allow_time(request_.connect_max, "to connect");
    return connect_fresh();
  }
  ResponseSink& sink = *sink_;
  client_.remove(id_);
  sink.on_failure(error);
}

// The time is noted; the timer looks at the note when it fires, and is not moved for every piece.
void HttpClient::Impl::Transfer::allow_time(Millis time, std::string_view what_for) {
  awaited_ = what_for;
  deadline_ = time == kNever ? kNever : client_.loop.now().steady + time;
  if (deadline_ >= timer_.first && timer_.second != 0) return;
  client_.timers.cancel(timer_);
  timer_ = {};
  if (deadline_ != kNever) timer_ = client_.timers.after(time, [this] { time_is_up(); });
}

void HttpClient::Impl::Transfer::time_is_up() {
  timer_ = {};
  const Millis now = client_.loop.now().steady;
  if (now < deadline_) {
    if (deadline_ != kNever) {
      timer_ = client_.timers.after(deadline_ - now, [this] { time_is_up(); });
    }
    return;
  }
  failed({ClientFailure::timeout, fmt::format("it took too long {}", awaited_),
          phase_ < Phase::awaiting});
}

void HttpClient::Impl::Transfer::abandon() {
  if (std::exchange(abandoned_, true)) return;
  client_.timers.cancel(timer_);
  client_.timers.cancel(total_timer_);
  release();
}

void HttpClient::Impl::Transfer::release() {
  auto connection = std::move(connection_);
  if (connection && connection->reusable() && !request_.closes) {
    client_.keep(url_.origin(), std::move(connection));
  } else if (connection) {
    connection->close();
  }
  if (std::exchange(holds_place_, false)) --client_.active;
}

// --- Answers that are wanted as one.

class HttpClient::Impl::Collector final : public ResponseSink {
 public:
  Collector(Impl& client, std::size_t bytes_max, Done done)
      : client_(client), bytes_max_(bytes_max), done_(std::move(done)) {}

  void set_id(Id id) { id_ = id; }

  void on_head(const ResponseHead& head) override {
    response_.head = head;
    if (head.length && *head.length > bytes_max_) give_up();
  }
  void on_data(std::string_view piece) override {
    if (response_.body.size() + piece.size() > bytes_max_) return give_up();
    response_.body.append(piece);
  }
  void on_end() override { std::exchange(done_, nullptr)(std::move(response_)); }
  void on_failure(const ClientError& error) override {
    std::exchange(done_, nullptr)(std::unexpected(error));
  }

 private:
  void give_up() {
    client_.remove(id_);
    on_failure({ClientFailure::too_large,
                fmt::format("the answer is larger than {} bytes", bytes_max_), false});
  }

  Impl& client_;
  std::size_t bytes_max_;
  Done done_;
  Id id_ = 0;
  ClientResponse response_;
};

// --- The client.

HttpClient::Id HttpClient::Impl::add(ClientRequest request, std::unique_ptr<ResponseSink> sink) {
  const Id id = ++last_id;
  transfers.emplace(id, std::make_unique<Transfer>(*this, id, std::move(request), std::move(sink)));
  later([id](Impl& client) {
    if (Transfer* const transfer = client.find(id)) transfer->begin();
  });
  return id;
}

HttpClient::Impl::Transfer* HttpClient::Impl::find(Id id) {
  const auto found = transfers.find(id);
  return found == transfers.end() ? nullptr : found->second.get();
}

void HttpClient::Impl::remove(Id id) {
  auto node = transfers.extract(id);
  if (node.empty()) return;
  node.mapped()->abandon();
  if (gone.empty()) later([](Impl& client) { client.gone.clear(); });
  gone.push_back(std::move(node.mapped()));
  start_waiting();
}

void HttpClient::Impl::start_waiting() {
  if (waiting.empty()) return;
  later([](Impl& client) {
    while (!client.waiting.empty()) {
      Transfer* const transfer = client.find(client.waiting.front());
      if (transfer != nullptr && !transfer->proceed()) return;
      client.waiting.pop_front();
    }
  });
}

Result<const TlsClientContext*> HttpClient::Impl::tls_context() {
  if (!tls) {
    auto made = TlsClientContext::create(options.ca_file);
    if (!made) return std::unexpected(std::move(made.error()));
    tls = std::move(*made);
  }
  return &*tls;
}

std::size_t HttpClient::Impl::kept_count() const {
  std::size_t count = 0;
  for (const auto& [origin, connections] : kept) count += connections.size();
  return count;
}

bool HttpClient::Impl::make_room() {
  if (active + kept_count() < options.connections_max) return true;
  forget_old();
  if (active + kept_count() < options.connections_max) return true;
  if (kept.empty()) return false;
  kept.begin()->second.front()->close();
  forget_old();
  return true;
}

std::shared_ptr<ClientConnection> HttpClient::Impl::take_kept(const Url& url,
                                                              const ClientRequest& request) {
  forget_old();
  const auto found = kept.find(url.origin());
  if (found == kept.end()) return nullptr;
  auto& connections = found->second;
  // The one used last: the others may grow old and be closed.
  for (std::size_t i = connections.size(); i > 0; --i) {
    if (request.allow && !request.allow(connections[i - 1]->address())) continue;
    auto taken = std::move(connections[i - 1]);
    connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i - 1));
    if (connections.empty()) kept.erase(found);
    return taken;
  }
  return nullptr;
}

void HttpClient::Impl::keep(const std::string& origin,
                            std::shared_ptr<ClientConnection> connection) {
  auto& connections = kept[origin];
  connections.push_back(std::move(connection));
  if (connections.size() > options.idle_per_origin_max) {
    connections.front()->close();
    connections.erase(connections.begin());
  }
  if (upkeep.second == 0) {
    upkeep = timers.after(options.idle_connection_max, [this] { forget_old(); });
  }
}

void HttpClient::Impl::forget_old() {
  const Millis oldest = loop.now().steady - options.idle_connection_max;
  for (auto origin = kept.begin(); origin != kept.end();) {
    std::erase_if(origin->second, [oldest](const std::shared_ptr<ClientConnection>& connection) {
      if (!connection->closed() && connection->free_since() <= oldest) connection->close();
      return connection->closed();
    });
    origin = origin->second.empty() ? kept.erase(origin) : std::next(origin);
  }
  timers.cancel(upkeep);
  upkeep = {};
  if (!kept.empty()) {
    upkeep = timers.after(options.idle_connection_max, [this] { forget_old(); });
  }
}

// Here, where a Transfer is known whole.
HttpClient::Impl::Impl(Loop& on, ClientOptions with, Lookups& lookups)
    : loop(on), options(std::move(with)), timers(on), resolver(on, lookups) {}
HttpClient::Impl::~Impl() = default;

HttpClient::HttpClient(Loop& loop, ClientOptions options, Lookups& lookups)
    : impl_(std::make_unique<Impl>(loop, std::move(options), lookups)) {}

HttpClient::~HttpClient() {
  impl_->self.reset();
  for (auto& [id, transfer] : impl_->transfers) transfer->abandon();
  for (auto& [origin, connections] : impl_->kept) {
    for (const auto& connection : connections) connection->close();
  }
}

HttpClient::Id HttpClient::send(ClientRequest request, Done done) {
  auto collector =
      std::make_unique<Impl::Collector>(*impl_, request.body_bytes_max, std::move(done));
  Impl::Collector& collecting = *collector;
  const Id id = impl_->add(std::move(request), std::move(collector));
  collecting.set_id(id);
  return id;
}

HttpClient::Id HttpClient::stream(ClientRequest request, std::unique_ptr<ResponseSink> sink) {
  return impl_->add(std::move(request), std::move(sink));
}

void HttpClient::cancel(Id id) {
  impl_->remove(id);
}

std::size_t HttpClient::running() const {
  return impl_->transfers.size();
}

std::size_t HttpClient::connections() const {
  return impl_->active + impl_->kept_count();
}

}  // namespace rogerthat::net
