// A channel with agents on it, for tests that read like the contract: the shortest way to join,
// send and read on a core::Channel with a clock that the test moves.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/channel.h"

namespace rogerthat::core {

class Scene {
 public:
  explicit Scene(ChannelOptions options = {}) : channel(options, 0, 0) {}

  Result<JoinPlan> try_join(JoinCommand command) {
    if (command.new_session_id.empty())
      command.new_session_id = fmt::format("session-{}", ++minted_);
    if (command.spare_callsign.empty()) command.spare_callsign = "amber-otter";
    auto plan = channel.decide_join(command, now);
    if (plan) {
      for (Event& event : plan->events) channel.apply(std::move(event), now);
      channel.touch(*channel.find_session(plan->session_id, now), now);
    }
    return plan;
  }

  SessionNo join(const std::string& callsign) {
    JoinCommand command;
    command.callsign = callsign;
    auto plan = try_join(std::move(command));
    EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
    return *channel.find_session(plan->session_id, now);
  }

  Result<SendPlan> try_send(SessionNo from, std::string text, SendCommand command = {}) {
    command.session = from;
    command.text = std::move(text);
    auto plan = channel.decide_send(std::move(command), now);
    if (plan && plan->outcome == SendPlan::Outcome::post) {
      const MessageId id = plan->posted.message.id;
      const Millis at = plan->posted.message.at;
      channel.post(std::move(plan->posted), now);
      plan->posted = Posted{};
      plan->posted.message.id = id;
      plan->posted.message.at = at;
    }
    return plan;
  }

  MessageId send(SessionNo from, const std::string& text, std::string_view to = {}) {
    SendCommand command;
    if (!to.empty()) command.to = to;
    auto plan = try_send(from, text, std::move(command));
    EXPECT_TRUE(plan.has_value()) << (plan ? "" : plan.error().message);
    return plan ? plan->posted.message.id : 0;
  }

  // What a receive without `since` would bring, as texts.
  std::vector<std::string> unread(SessionNo session) { return texts(pending(session)); }
  Pending pending(SessionNo session) {
    return channel.pending(member(session), channel.cursor(session), false);
  }
  static std::vector<std::string> texts(const Pending& pending) {
    std::vector<std::string> all;
    for (const Message* message : pending.messages) all.push_back(message->text);
    return all;
  }
  // Writes everything pending to a new reader of that session.
  ReaderNo offer_all(SessionNo session) {
    const Pending found = pending(session);
    const ReaderNo reader = channel.attach(session, ReaderKind::poll, channel.cursor(session), 0);
    channel.offer(reader, found.through);
    return reader;
  }
  MemberNo member(SessionNo session) const { return channel.session(session).member; }
  void pass(Millis ms) {
    now.wall += ms;
    now.steady += ms;
  }

  Now now{1'700'000'000'000, 1'000'000};
  Channel channel;

 private:
  int minted_ = 0;
};

inline JoinCommand as(const std::string& callsign, const std::string& session_id = "") {
  JoinCommand command;
  command.callsign = callsign;
  command.session_id = session_id;
  return command;
}

template <class T>
ErrorCode code_of(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorCode::internal : result.error().code;
}

}  // namespace rogerthat::core
