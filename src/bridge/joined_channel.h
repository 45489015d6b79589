// A channel that the client of the bridge is on: what comes there is pushed as a hint and told to
// whoever watches it; working signals are kept for the next receive. How the channel is stayed on
// is the business of client::Channel.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/statuses.h"
#include "client/channel.h"
#include "net/timers.h"

namespace rogerthat::bridge {

enum class Happened : std::uint8_t { message, presence };

// Who owns the channels.
class ChannelOwner {
 public:
  virtual ~ChannelOwner() = default;
  virtual void push(const std::string& params) = 0;  // of notifications/claude/channel
  virtual void happened(std::string_view channel, Happened what) = 0;
  virtual void joined_at_start(const client::Channel& channel, std::string text) = 0;
  // Working signals have waited for a moment, and no answer of the hub has brought them.
  virtual void statuses_wait(std::string_view channel) = 0;
};

class JoinedChannel final : public client::ChannelListener {
 public:
  JoinedChannel(client::HubLink& link, net::Timers& timers, ChannelOwner& owner, std::string id,
                const std::string& directory);
  ~JoinedChannel() override;

  client::Channel& channel() { return channel_; }
  const client::Channel& channel() const { return channel_; }
  Statuses& statuses() { return statuses_; }

  // From the channel.
  void message(const client::Channel& channel, const client::Incoming& message) override;
  void status(const client::Channel& channel, const client::Incoming& status,
              std::string_view json) override;
  void presence(const client::Channel& channel) override;
  void joined_at_start(const client::Channel& channel, std::string text) override;
  void dismissed(const client::Channel& channel, std::string_view why) override;
  void given_up(const client::Channel& channel) override;

 private:
  void push(const client::Incoming& message);

  net::Timers& timers_;
  ChannelOwner& owner_;
  Millis pushes_since_ = 0;
  std::size_t pushes_ = 0;     // since then
  std::size_t held_back_ = 0;  // not pushed, because there were too many
  net::Timers::Id flood_timer_{}, status_timer_{};
  bool status_timer_runs_ = false;
  Statuses statuses_;
  client::Channel channel_;
};

}  // namespace rogerthat::bridge
