// A channel that we are on: its session, how it is won back when the hub has forgotten it, the
// stream that brings what peers send, and the cursor: how far what has come was handed on.
//
// The session is joined with ack "explicit": a stream confirms nothing. What has come stays pending
// until it is confirmed by name, so the stream is always resumed from what is confirmed, and what
// came before is passed over by its id. (Last-Event-ID would confirm.)
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client/backoff.h"
#include "client/incoming.h"
#include "client/link.h"
#include "client/saved_handle.h"
#include "core/types.h"
#include "net/timers.h"

namespace rogerthat::client {

class Channel;

// Who hears what happens on a channel. None of its calls may destroy the channel.
class ChannelListener {
 public:
  virtual ~ChannelListener() = default;
  // Once for each: what waits to be confirmed.
  virtual void message(const Channel& channel, const Incoming& message) = 0;
  // A working signal, which nothing else keeps. `json`: as the hub tells it.
  virtual void status(const Channel& channel, const Incoming& status, std::string_view json) = 0;
  virtual void presence(const Channel& channel) = 0;
  // It has joined by itself, as it was told to at the start. `text`: what the hub says to it.
  virtual void joined_at_start(const Channel& channel, std::string text) = 0;
  // The hub's operator has ended the session: only a join that is asked for brings it back.
  virtual void dismissed(const Channel& channel, std::string_view why) = 0;
  // It is not joined, and will not be by itself: trouble() says why.
  virtual void given_up(const Channel& channel) = 0;
};

class Channel {
 public:
  using Ready = std::move_only_function<void(bool)>;

  Channel(HubLink& link, net::Timers& timers, ChannelListener& listener, std::string id,
          std::string directory);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const std::string& id() const { return id_; }
  const std::string& session() const { return session_; }
  const std::string& callsign() const { return callsign_; }
  const std::string& token() const { return token_; }
  bool is_joined() const { return joined_; }
  bool is_streaming() const { return streaming_; }
  // The hub's operator has ended the session: only a join that is asked for brings it back.
  bool is_dismissed() const { return dismissed_; }
  core::TrustPosture posture() const { return posture_; }
  const std::string& trouble() const { return trouble_; }  // why it is not joined; empty: nothing
  bool is_given_up() const { return !joined_ && !trouble_.empty() && retry_ == Retry::never; }

  // The arguments of a join: those of the caller, with the session that is to go on.
  std::string join_arguments(std::string_view wanted_json, std::string_view callsign);
  void set_token(std::string token) { token_ = std::move(token); }
  // A join has been answered. `wanted_json`: as the caller gave them, for when it must be repeated.
  void joined(std::string_view result_json, std::string wanted_json);
  // Joins by itself, and goes on trying.
  void join_at_start(std::string callsign);
  void session_lost(std::string_view session);  // the hub does not know it any more
  void left();                                  // the session is no more, and shall not come back

  // Now, or when the session has been won back. False: when it is known that this will take long,
  // or when the time is up.
  void when_ready(Millis patience, Ready ready);

  // Everything up to this id has been handed on; the next call to the hub may say so.
  void tell(std::int64_t id);
  // This one message has been handed on.
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
  void not_joined(std::string why, Retry retry);
  void release_waiters(bool ready);
  void open_stream();
  void close_stream();
  void take_event(std::string_view type, std::string_view data);
  void take_message(std::string_view data);
  void stream_refused(int status, std::string_view body);
  void stream_ended(Millis wait);
  void dismissed(std::string_view why);
  void later(Millis wait, void (Channel::*what)());

  HubLink& link_;
  net::Timers& timers_;
  ChannelListener& listener_;
  const std::string id_;
  const std::string directory_;
  std::string session_, callsign_, token_;
  std::string wanted_ = "{}";  // the arguments of the join
  core::TrustPosture posture_ = core::TrustPosture::untrusted;
  std::unique_ptr<SavedHandle> handle_;
  std::string handle_callsign_;
  std::string trouble_;
  Retry retry_ = Retry::soon;
  bool joined_ = false;
  bool streaming_ = false;
  bool dismissed_ = false;
  bool at_start_ = false;                 // nobody has asked for this join; its answer is told
  std::deque<std::int64_t> unconfirmed_;  // have come, and were not handed on
  std::int64_t came_ = 0;                 // the highest that has come
  std::int64_t told_ = 0;
  Backoff backoff_;
  HubLink::Id joining_ = 0;
  net::HttpClient::Id stream_ = 0;
  net::Timers::Id timer_{};
  Millis reconnect_after_ = -1;  // asked for by a bye
  std::string dismissal_;        // why, by a bye
  std::vector<Waiter> waiters_;
  std::uint64_t waiter_count_ = 0;
};

}  // namespace rogerthat::client
