#include "bridge/joined_channel.h"

#include <utility>

#include "bridge/push.h"

namespace rogerthat::bridge {

namespace {
// A flood is not poured into a model's context: beyond this, only how many came is told.
constexpr std::size_t kPushesMax = 100;
constexpr Millis kPushesTime = 10 * kSecond;
// A receive that waits at the hub gets a signal itself; the answer needs no longer than this.
constexpr Millis kAnswerTime = 250;
}  // namespace

JoinedChannel::JoinedChannel(client::HubLink& link, net::Timers& timers, ChannelOwner& owner,
                             std::string id, const std::string& directory)
    : timers_(timers), owner_(owner), channel_(link, timers, *this, std::move(id), directory) {}

JoinedChannel::~JoinedChannel() {
  timers_.cancel(flood_timer_);
  timers_.cancel(status_timer_);
}

void JoinedChannel::message(const client::Channel& channel, const client::Incoming& message) {
  push(message);
  owner_.happened(channel.id(), Happened::message);
}

void JoinedChannel::status(const client::Channel&, const client::Incoming& status,
                           std::string_view json) {
  statuses_.add(status, json);
  if (std::exchange(status_timer_runs_, true)) return;
  status_timer_ = timers_.after(kAnswerTime, [this] {
    status_timer_runs_ = false;
    if (!statuses_.waiting().empty()) owner_.statuses_wait(channel_.id());
  });
}

void JoinedChannel::presence(const client::Channel& channel) {
  owner_.happened(channel.id(), Happened::presence);
}

void JoinedChannel::joined_at_start(const client::Channel& channel, std::string text) {
  owner_.joined_at_start(channel, std::move(text));
}

void JoinedChannel::dismissed(const client::Channel& channel, std::string_view why) {
  owner_.push(dismissal_params(why, channel.id()));
}

void JoinedChannel::given_up(const client::Channel& channel) {
  owner_.push(given_up_params(channel.trouble(), channel.id()));
}

void JoinedChannel::push(const client::Incoming& message) {
  const Millis now = read_clocks().steady;
  if (now - pushes_since_ > kPushesTime) {
    pushes_since_ = now;
    pushes_ = 0;
  }
  if (pushes_ < kPushesMax && held_back_ == 0) {
    ++pushes_;
    return owner_.push(
        push_params(message, channel_.id(), channel_.callsign(), channel_.posture()));
  }
  if (held_back_++ > 0) return;
  flood_timer_ = timers_.after(kPushesTime, [this] {
    owner_.push(flood_params(std::exchange(held_back_, 0), channel_.id()));
  });
}

}  // namespace rogerthat::bridge
