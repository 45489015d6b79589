// Remote control by its tool, against a hub in memory: all of it, or nothing.
#include <thread>

#include "mcp_scene.h"

namespace rogerthat::api {
namespace {

class RemoteControlTest : public McpScene {
 protected:
  // The owner password is hashed on a thread of its own.
  Outcome open(const std::string& arguments = "{}") {
    const auto made = begin(stateless(), "open_remote_control", arguments);
    while (made->answer.empty()) {
      std::this_thread::yield();
      run();
    }
    return read(*made);
  }
  std::size_t channels() {
    std::size_t count = 0;
    hub.shard(0).each_channel([&](hub::ChannelEntry& entry) {
      if (!entry.record.options.band) ++count;
    });
    return count;
  }
};

TEST_F(RemoteControlTest, MakesAChannelOfItsAccountAndTwoIdentities) {
  const Outcome made = open();
  ASSERT_FALSE(made.failed) << made.text;
  EXPECT_EQ(channels(), 1u);
  const std::string account = field(made, "account_id");
  hub.shard(0).each_channel([&](hub::ChannelEntry& entry) {
    if (entry.record.options.band) return;
    EXPECT_EQ(entry.record.id, field(made, "channel_id"));
    EXPECT_EQ(entry.record.owner_account, account);
    EXPECT_TRUE(verify_password(field(made, "owner_password"), entry.record.owner_password_hash));
  });
  hub.accounts().read([&](const core::Directory& directory) {
    const auto identities = directory.identities_of(account);
    ASSERT_EQ(identities.size(), 2u);
    EXPECT_TRUE(directory.recover(sha256(field(made, "recovery_token")), Digest{}, false, 0));
  });
  for (const char* command : {"listener_command", "monitor_command", "doorbell_command"}) {
    EXPECT_FALSE(field(made, command).empty()) << command;
  }
}

TEST_F(RemoteControlTest, LeavesNothingUsableWhereTheDiskRefusesHalfWay) {
  store.refuses_records = true;
  const Outcome refused = open();
  EXPECT_TRUE(refused.failed);
  EXPECT_NE(refused.text.find("not stored"), std::string::npos) << refused.text;
  EXPECT_EQ(refused.text.find("rtid_"), std::string::npos);
  EXPECT_EQ(channels(), 0u);
}

}  // namespace
}  // namespace rogerthat::api
