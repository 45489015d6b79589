// A channel that the bridge is on. Lives here: its session and how it is won back when the hub has
// forgotten it, the stream that brings what peers send, and what of it the client's model has been
// handed.
//
// The session is joined with ack "explicit": a stream confirms nothing. What has come is pushed as
// a hint and stays pending until a tool call confirms it, so the stream is always resumed from what
// is confirmed, and what was pushed before is passed over by its id. (Last-Event-ID would confirm.)
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bridge_handle.h"
#include "cli/bridge_link.h"
#include "cli/bridge_push.h"
#include "core/types.h"
#include "net/timers.h"

namespace rogerthat::cli {

enum class Happened : std::uint8_t { message, presence };

class BridgeChannel;

// Who owns channels.
class ChannelOwner {
 public:
  virtual ~ChannelOwner() = default;
  virtual void push(const std::string& params) = 0;  // of notifications/claude/channel
  virtual void happened(const BridgeChannel& channel, Happened what) = 0;
  // It has joined by itself, as it was told to at the start. `text`: what the hub says to it.
  virtual void joined_at_start(const BridgeChannel& channel, std::string text) = 0;
};

class BridgeChannel {
 public:
  using Ready = std::move_only_function<void(bool)>;

  BridgeChannel(HubLink& link, net::Timers& timers, ChannelOwner& owner, std::string id,
                std::string directory);
  ~BridgeChannel();
  BridgeChannel(const BridgeChannel&) = delete;
  BridgeChannel& operator=(const BridgeChannel&) = delete;

  const std::string& id() const { return id_; }
  const std::string& session() const { return session_; }
  const std::string& callsign() const { return callsign_; }
  const std::string& token() const { return token_; }
  bool is_joined() const { return joined_; }
  bool is_streaming() const { return streaming_; }
  // The hub's operator has ended the session: only a join that is asked for brings it back.
  bool is_dismissed() const { return dismissed_; }
  const std::string& trouble() const { return trouble_; }  // why it is not joined; empty: nothing

  // The arguments of a join: those of the caller, with the session that is to go on.
  std::string join_arguments(std::string_view wanted_json, std::string_view callsign);
  void set_token(std::string token) { token_ = std::move(token); }
  // A join has been answered. `wanted_json`: as the caller gave them, for when it must be repeated.
  void joined(std::string_view result_json, std::string wanted_json);
  // Joins by itself, and goes on trying.
  void join_at_start(std::string callsign);
  void session_lost(std::string_view session);  // the hub does not know it any more
  void left();                                  // the session is no more, and shall not come back

  // Now, or when the session has been won back, or when the time is up (false).
  void when_ready(Millis patience, Ready ready);

  // Tool answers have brought everything up to `told`; the next call says so to the hub.
  void tell(std::int64_t id);
  // Tool answers have brought this one message.
  void tell_single(std::int64_t id);
  std::int64_t told() const { return told_; }
  std::size_t unconfirmed() const { return unconfirmed_.size(); }

 private:
  class Stream;
  friend class Stream;
  struct Waiter {
    std::uint64_t number;
    Ready ready;
    net::Timers::Id timer;
  };

  void keep_handle(std::string_view callsign);
  void rejoin();
  void rejoined(const HubAnswer& answer);
  void release_waiters(bool ready);
  void open_stream();
  void close_stream();
  void take_event(std::string_view type, std::string_view data);
  void take_message(std::string_view data);
  void push(const Incoming& message);
  void stream_refused(int status, std::string_view body);
  void stream_ended(Millis wait);
  void dismissed(std::string_view why);
  void later(Millis wait, void (BridgeChannel::*what)());

  HubLink& link_;
  net::Timers& timers_;
  ChannelOwner& owner_;
  const std::string id_;
  const std::string directory_;
  std::string session_, callsign_, token_;
  std::string wanted_ = "{}";  // the arguments of the join
  core::TrustPosture posture_ = core::TrustPosture::untrusted;
  std::unique_ptr<SavedHandle> handle_;
  std::string handle_callsign_;
  std::string trouble_;
  bool joined_ = false;
  bool streaming_ = false;
  bool dismissed_ = false;
  bool at_start_ = false;                 // nobody has asked for this join; its answer is told
  std::deque<std::int64_t> unconfirmed_;  // pushed, and not told by a tool's answer
  std::int64_t pushed_ = 0;               // the highest that has been pushed
  std::int64_t told_ = 0;
  Millis pushes_since_ = 0;
  std::size_t pushes_ = 0;     // since then
  std::size_t held_back_ = 0;  // not pushed, because there were too many
  Backoff backoff_;
  HubLink::Id joining_ = 0;
  net::HttpClient::Id stream_ = 0;
  net::Timers::Id timer_{}, flood_timer_{};
  Millis reconnect_after_ = -1;  // asked for by a bye
  std::string dismissal_;        // why, by a bye
  std::vector<Waiter> waiters_;
  std::uint64_t waiter_count_ = 0;
};

}  // namespace rogerthat::cli
