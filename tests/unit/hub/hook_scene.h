// What the tests of webhooks share: a source of deliveries that needs no wire, and the everyday
// calls on a hub, each up to its answer.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hub/webhooks.h"
#include "seeded_hub.h"

namespace rogerthat::hub {

// A delivery says in plain words what it tells of. Hooks of accounts hear every message.
class PlainSource final : public HookSource {
 public:
  explicit PlainSource(Hub& hub, std::uint64_t& numbers) : hub_(hub), numbers_(numbers) {}

  void message(const ChannelEntry& home, const core::Message& message, Now,
               std::vector<core::Delivery>& deliveries) override {
    make(home, core::HookEvent::message_received, message.text, deliveries);
  }
  void session(const ChannelEntry& home, std::string_view callsign, bool joined, Now,
               std::vector<core::Delivery>& deliveries) override {
    const auto event = joined ? core::HookEvent::session_joined : core::HookEvent::session_left;
    make(home, event, (joined ? "+" : "-") + std::string(callsign), deliveries);
  }
  void waiting() override { ++woken; }

  int woken = 0;

 private:
  void make(const ChannelEntry& home, core::HookEvent event, const std::string& body,
            std::vector<core::Delivery>& deliveries) {
    hub_.webhooks().read([&](const core::HookBook& book) {
      for (const std::string_view owner : {std::string_view(home.record.id), kAccount}) {
        for (const core::WebhookRecord* hook : book.of(owner)) {
          if (!hook->wants(event)) continue;
          core::Delivery delivery;
          delivery.id = "whd_" + std::to_string(++numbers_);
          delivery.hook = hook->id;
          delivery.event = event;
          delivery.body = body;
          deliveries.push_back(std::move(delivery));
        }
      }
    });
  }

  static constexpr std::string_view kAccount = "acc_1";
  Hub& hub_;
  std::uint64_t& numbers_;
};

class HookScene {
 public:
  HookScene(Random& random, std::uint32_t shards)
      : hub(random, shards, [this](Hub& life) { prepare(life); }) {}

  std::string create(std::uint32_t shard, bool durable) {
    core::ChannelOptions options;
    options.durable = durable;
    std::string token;
    core::ChannelRecord record = hub->new_channel(options, shard, token);
    const std::string id = record.id;
    hub->shard(shard).create(std::move(record),
                             [](const Result<ChannelEntry*>& made) { EXPECT_TRUE(made); });
    hub.settle();
    return id;
  }
  Shard& home(std::string_view channel) { return hub->shard(hub->shard_of_channel(channel)); }
  ChannelEntry& entry(std::string_view channel) { return *home(channel).find(channel); }

  Result<void> add_hook(const core::WebhookRecord& hook) {
    Result<void> out = fail(ErrorCode::internal, "not answered");
    hub->webhooks().add(0, hook, [&out](Result<void> done) { out = std::move(done); });
    hub.settle();
    return out;
  }
  std::string hook(const std::string& channel, std::uint8_t events = 1) {
    core::WebhookRecord record;
    record.id = "wh_" + std::to_string(++numbers);
    record.channel = channel;
    record.url = "https://example.org/";
    record.events = events;
    EXPECT_TRUE(add_hook(record));
    return record.id;
  }

  JoinReply join(const std::string& channel, const std::string& callsign,
                 core::JoinCommand command = {}) {
    command.callsign = callsign;
    JoinReply joined;
    home(channel).join(entry(channel), std::move(command), [&joined](Result<JoinReply> reply) {
      EXPECT_TRUE(reply);
      if (reply) joined = std::move(*reply);
    });
    hub.settle();
    return joined;
  }
  // `acknowledged` turns true when the sender is told so.
  void send(const std::string& channel, const std::string& session_id, const std::string& text,
            std::shared_ptr<bool> acknowledged = nullptr, core::SendCommand command = {}) {
    Shard& shard = home(channel);
    const auto session = entry(channel).channel.find_session(session_id, shard.now());
    ASSERT_TRUE(session);
    SendRequest request;
    request.command = std::move(command);
    request.command.session = *session;
    request.command.text = text;
    shard.send(entry(channel), std::move(request), [acknowledged](const Result<SendReply>& reply) {
      if (reply && acknowledged) *acknowledged = true;
    });
  }

  // Everything that is due on this shard just now, as "hook:body"; none is settled.
  std::vector<std::string> due(Shard& shard) {
    std::vector<std::string> out;
    while (const core::Delivery* delivery = shard.take_delivery()) {
      taken.push_back(*delivery);
      out.push_back(delivery->hook + ":" + delivery->body);
    }
    return out;
  }
  std::size_t records(store::RecordKind kind) {
    std::size_t count = 0;
    for (const auto& [name, data] : hub.disk().records) count += name.first == kind ? 1 : 0;
    return count;
  }

  std::uint64_t numbers = 0;  // never given twice, whatever crashes
  std::vector<std::unique_ptr<PlainSource>> sources;
  std::vector<core::Delivery> taken;
  SeededHub hub;

 private:
  void prepare(Hub& life) {
    sources.clear();
    for (std::uint32_t n = 0; n < life.shard_count(); ++n) {
      sources.push_back(std::make_unique<PlainSource>(life, numbers));
      life.shard(n).set_hook_source(sources.back().get());
    }
  }
};

}  // namespace rogerthat::hub
