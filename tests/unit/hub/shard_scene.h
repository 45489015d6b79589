// One shard with one channel in memory, for tests of what happens on it. The store takes everything
// and keeps nothing.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "hub/shard.h"

namespace rogerthat::hub {

class NoStore final : public store::Store {
 public:
  Result<void> load(store::Recovery&) override { return {}; }
  void start(store::Listener&) override {}
  void append(store::Batch) override {}
  void flush() override {}
  Result<std::vector<core::TranscriptEntry>> transcript(core::ChannelNo, std::size_t) override {
    return {};
  }
  Result<void> probe() override { return {}; }
  store::StoreStats stats() override { return {}; }
};

class ShardScene : public testing::Test {
 protected:
  ShardScene() : codec(Digest{}), random(1), shard(0, 1, store, codec, random) {
    shard.set_now(now);
    core::ChannelRecord record;
    record.id = "swift-otter-1a2b";
    record.ever_joined = true;  // so that no join waits for the disk
    std::vector<std::unique_ptr<ChannelEntry>> entries;
    entries.push_back(std::make_unique<ChannelEntry>(record, core::Channel(record.options, 0, 0)));
    shard.adopt(std::move(entries), now.wall + kHour, 0);
    entry = shard.find(record.id);
  }

  JoinReply join(const std::string& callsign, core::JoinCommand command = {}) {
    command.callsign = callsign;
    JoinReply joined;
    shard.join(*entry, std::move(command), [&](Result<JoinReply> reply) { joined = *reply; });
    return joined;
  }

  Now now{1'700'000'000'000, 1'000'000};
  NoStore store;
  store::EventCodec codec;
  SeededRandom random;
  Shard shard;
  ChannelEntry* entry = nullptr;
};

}  // namespace rogerthat::hub
