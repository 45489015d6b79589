#include "outbox/hook_sender.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "net/public_addresses.h"
#include "outbox/hook_secret.h"
#include "outbox/hook_url.h"

namespace rogerthat::outbox {

namespace {

// Nobody reads what a receiver answers; it is taken so that the connection can be used again.
constexpr std::size_t kAnswerBytesMax = 64 << 10;
constexpr std::size_t kUnderWayMax = hub::HookQueue::kUnderWayMax;
constexpr std::size_t kBegunAtOnce = 4;  // then whoever has sent a request gets a turn

net::ClientOptions client_options() {
  net::ClientOptions options;
  options.connections_max = options.waiting_max = kUnderWayMax;
  options.idle_per_origin_max = kUnderWayMax;
  options.idle_connection_max = 4 * kSecond;  // many servers close theirs after 5
  return options;
}

// For the log of deliveries, which whoever made the hook reads: nothing of our network.
std::string why(const net::ClientError& error) {
  const bool no_address = error.kind == net::ClientFailure::unresolved ||
                          error.kind == net::ClientFailure::refused_address;
  return no_address ? std::string(kNoPublicAddress) : error.text;
}

}  // namespace

// One request, from begin() to its answer. Owned by the client.
class HookSender::Attempt final : public net::ResponseSink {
 public:
  Attempt(HookSender& sender, const core::Delivery& of, Millis at)
      : delivery(of.id), hook(of.hook), begun_at(at), sender_(sender) {}

  void on_head(const net::ResponseHead& head) override { status = head.status; }
  void on_data(std::string_view piece) override {
    taken_ += piece.size();
    if (taken_ <= kAnswerBytesMax) return;
    sender_.client_.cancel(id);
    sender_.finish(*this);
  }
  void on_end() override { sender_.finish(*this); }
  // Once the status has come, whatever happens to the rest of the answer is of no concern.
  void on_failure(const net::ClientError& failure) override {
    if (status == 0) error = why(failure);
    sender_.finish(*this);
  }

  net::HttpClient::Id id = 0;
  const std::string delivery, hook;
  const Millis begun_at;  // steady
  int status = 0;
  std::string error;

 private:
  HookSender& sender_;
  std::size_t taken_ = 0;
};

HookSender::HookSender(const WebhookOptions& options, hub::Hub& hub, hub::Shard& shard,
                       net::Loop& loop)
    : options_(options),
      hub_(hub),
      shard_(shard),
      loop_(loop),
      timers_(loop),
      client_(loop, client_options()) {}

HookSender::~HookSender() = default;

void HookSender::look_soon() {
  if (std::exchange(looking_soon_, true)) return;
  loop_.post([this] { look(); });
}

void HookSender::look() {
  looking_soon_ = false;
  if (draining_) return;
  const Now now = loop_.now();
  shard_.set_now(now);
  for (std::size_t begun = 0; attempts_.size() < kUnderWayMax; ++begun) {
    if (begun == kBegunAtOnce) return look_soon();
    const core::Delivery* const delivery = shard_.take_delivery();
    if (delivery == nullptr) break;
    begin(*delivery);
  }
  timers_.cancel(timer_);
  timer_ = {};
  const Millis due = shard_.deliveries_due();
  if (due == net::kNever || attempts_.size() == kUnderWayMax) return;  // the next end looks again
  timer_ = timers_.after(std::max<Millis>(1, due - now.steady), [this] { look(); });
}

void HookSender::begin(const core::Delivery& delivery) {
  const auto hook = hub_.webhooks().read([&](const core::HookBook& book) {
    const core::WebhookRecord* found = book.find(delivery.hook);
    return found == nullptr ? std::nullopt : std::optional(*found);
  });
  if (!hook) {
    return settle(std::string(delivery.id), std::string(delivery.hook),
                  {core::DeliveryVerdict::refused, 0, "the webhook has been deleted", 0});
  }
  auto attempt = std::make_unique<Attempt>(*this, delivery, loop_.now().steady);
  Attempt& begun = *attempt;
  begun.id = client_.stream(request_for(delivery, *hook), std::move(attempt));
  attempts_.emplace(begun.id, &begun);
  under_way_ = attempts_.size();
}

net::ClientRequest HookSender::request_for(const core::Delivery& delivery,
                                           const core::WebhookRecord& hook) {
  const HookSecret secret = hook_secret(options_.key, hook.id, hook.rotation);
  const std::string signature = body_signature(secret, delivery.body);
  const std::int64_t timestamp = loop_.now().wall / kSecond;
  const std::string event(core::to_string(delivery.event));
  net::ClientRequest request;
  request.method = "POST";
  request.url = hook.url;
  request.headers = {
      {"Content-Type", "application/json; charset=utf-8"},
      {"User-Agent", options_.user_agent},
      {"X-RogerThat-Event", event},
      {"X-RogerThat-Signature", signature},
      {"X-RogerThat-Delivery", delivery.id},
      {"X-RogerRat-Event", event},
      {"X-RogerRat-Signature", signature},
      {"X-RogerRat-Delivery", delivery.id},
      {"webhook-id", delivery.id},
      {"webhook-timestamp", std::to_string(timestamp)},
      {"webhook-signature", timed_signature(secret, delivery.id, timestamp, delivery.body)},
  };
  request.body = delivery.body;
  request.connect_max = request.first_byte_max = request.idle_max = request.total_max =
      core::kDeliveryTimeMax;
  request.allow = [&networks = options_.networks_for(hook.at_home)](const net::IpAddress& address) {
    return net::may_be_reached(address, networks);
  };
  return request;
}

void HookSender::finish(Attempt& attempt) {
  attempts_.erase(attempt.id);
  under_way_ = attempts_.size();
  const auto verdict = core::judge_delivery(attempt.status);
  settle(attempt.delivery, attempt.hook,
         {verdict, attempt.status, attempt.error, loop_.now().steady - attempt.begun_at});
}

void HookSender::settle(const std::string& delivery, const std::string& hook,
                        hub::AttemptResult result) {
  shard_.set_now(loop_.now());
  if (shard_.settle_delivery(delivery, std::move(result))) hub_.webhooks().disable(hook);
  look_soon();
}

void HookSender::drain() {
  if (std::exchange(draining_, true)) return;
  timers_.cancel(timer_);
  timer_ = timers_.after(kDrainTime, [this] { give_up_all(); });
}

void HookSender::give_up_all() {
  for (const auto& [id, attempt] : std::exchange(attempts_, {})) client_.cancel(id);
  under_way_ = 0;
}

}  // namespace rogerthat::outbox
