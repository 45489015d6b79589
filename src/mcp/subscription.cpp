#include "mcp/subscription.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/json.h"
#include "mcp/dispatch.h"
#include "mcp/http_answer.h"
#include "mcp/sse.h"

namespace rogerthat::mcp {

namespace {

struct ListField {
  List list;
  std::string_view name;
};
constexpr ListField kListFields[] = {{List::tools, "toolsListChanged"},
                                     {List::prompts, "promptsListChanged"},
                                     {List::resources, "resourcesListChanged"}};

std::uint8_t bit(List list) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(list));
}

struct Filter {
  std::uint8_t lists = 0;
  std::vector<std::string> uris;
};

// A sentence where it is none.
std::optional<std::string> read_filter(const Message& message, Filter& filter) {
  const auto wanted = message.params->find("notifications");
  if (!wanted || !wanted->is(JsonValue::Type::object)) {
    return "params.notifications must be an object that names what to listen for.";
  }
  for (const ListField& field : kListFields) {
    const auto value = wanted->find(field.name);
    if (value && value->is(JsonValue::Type::boolean) && value->boolean()) {
      filter.lists |= bit(field.list);
    }
  }
  const auto uris = wanted->find("resourceSubscriptions");
  if (!uris) return std::nullopt;
  bool strings = uris->is(JsonValue::Type::array);
  if (strings) {
    uris->each_item([&](JsonValue uri) {
      strings = strings && uri.is(JsonValue::Type::string);
      if (!strings || filter.uris.size() >= Subscription::kWatchesMax) return;
      if (uri.string().size() > Session::kUriBytesMax) return;
      if (std::ranges::find(filter.uris, uri.string()) == filter.uris.end()) {
        filter.uris.emplace_back(uri.string());
      }
    });
  }
  if (strings) return std::nullopt;
  return "params.notifications.resourceSubscriptions must be an array of URIs.";
}

}  // namespace

// Many changes become one notification: the next is asked for when the last is being written.
class Subscription::Sink final : public WatchSink, public std::enable_shared_from_this<Sink> {
 public:
  Sink(net::Loop& loop, std::weak_ptr<Subscription> subscription, std::string uri)
      : loop_(loop), subscription_(std::move(subscription)), uri_(std::move(uri)) {}
  void updated() override {
    if (told_.exchange(true)) return;
    loop_.post([self = shared_from_this()] {
      self->told_.store(false);
      if (const auto subscription = self->subscription_.lock()) subscription->updated(self->uri_);
    });
  }

 private:
  net::Loop& loop_;
  const std::weak_ptr<Subscription> subscription_;
  const std::string uri_;
  std::atomic<bool> told_{false};
};

// Holds the subscription for as long as there is a connection.
class Subscription::Watcher final : public net::Parked {
 public:
  explicit Watcher(std::shared_ptr<Subscription> subscription)
      : subscription_(std::move(subscription)) {}
  void peer_half_closed() override { subscription_->finish(); }
  void closed(bool) override { subscription_->gone(); }

 private:
  const std::shared_ptr<Subscription> subscription_;
};

Subscription::Subscription(HttpShard& shard, const CallOrigin& origin, std::string id,
                           net::Exchange exchange)
    : shard_(shard),
      application_(*origin.application),
      id_(std::move(id)),
      exchange_(std::move(exchange)) {}

Subscription::~Subscription() = default;

void Subscription::open(HttpShard& shard, const CallOrigin& origin, const Message& message,
                        net::Exchange exchange) {
  if (shard.draining()) {
    return answer_busy(shard, exchange, "The server is going down: listen again in a moment.",
                       message.id);
  }
  Filter filter;
  if (const auto wrong = read_filter(message, filter)) {
    return answer_error(shard, exchange, 400, ErrorCode::invalid_params, *wrong, message.id);
  }
  const std::shared_ptr<Subscription> subscription(
      new Subscription(shard, origin, message.id, std::move(exchange)));
  subscription->lists_ = filter.lists;
  subscription->watch(describe_request(origin, message), filter.uris);
  subscription->begin();
}

void Subscription::watch(const Request& request, const std::vector<std::string>& uris) {
  for (const std::string& uri : uris) {
    auto sink = std::make_shared<Sink>(shard_.loop, weak_from_this(), uri);
    auto made = application_.watch(request, uri, sink);
    if (made) watched_.push_back({uri, std::move(sink), std::move(made)});
  }
}

void Subscription::begin() {
  open_ = true;
  shard_.subscriptions.insert(this);
  shard_.open_subscriptions.add();
  shard_.count_answer(200);
  exchange_.open_stream({}, net::AtEnd::keep);

  std::string honoured = "\"notifications\":";
  JsonWriter json(honoured);
  json.begin_object();
  for (const ListField& field : kListFields) {
    if ((lists_ & bit(field.list)) != 0) json.field(field.name, true);
  }
  if (!watched_.empty()) {
    json.key("resourceSubscriptions").begin_array();
    for (const Watched& watched : watched_) json.value(watched.uri);
    json.end_array();
  }
  json.end_object();
  write("notifications/subscriptions/acknowledged", honoured);
  shard_.beats.arm(*this, shard_.now());
  exchange_.park(std::make_unique<Watcher>(shared_from_this()));
}

std::string Subscription::id_field() const {
  std::string text = "\"_meta\":{\"";
  text += meta::kSubscriptionId;
  text += "\":" + id_ + "}";
  return text;
}

void Subscription::write(std::string_view method, std::string_view more_params) {
  std::string params = "{" + id_field();
  if (!more_params.empty()) params += ',';
  params += more_params;
  params += '}';
  std::string note;
  append_notification(note, method, params);
  exchange_.write(event_bytes(note));
}

void Subscription::updated(std::string_view uri) {
  if (!open_) return;
  std::string field = "\"uri\":";
  append_json_string(field, uri);
  write("notifications/resources/updated", field);
}

void Subscription::list_changed(List list) {
  if (open_ && (lists_ & bit(list)) != 0) write(list_changed_method(list), {});
}

void Subscription::due(Millis steady_now) {
  if (exchange_.write(comment_bytes())) shard_.beats.arm(*this, steady_now);
}

void Subscription::leave() {
  if (!std::exchange(open_, false)) return;
  net::TimerList::disarm(*this);
  shard_.subscriptions.erase(this);
  shard_.open_subscriptions.remove();
  watched_.clear();
}

void Subscription::finish() {
  if (!open_) return;
  leave();
  std::string message;
  append_result(message, id_, "{\"resultType\":\"complete\"," + id_field() + "}");
  exchange_.write(event_bytes(message));
  exchange_.finish();
}

void Subscription::gone() {
  leave();
}

}  // namespace rogerthat::mcp
