// Where the options of `rogerthat mcp` come from, and what is refused.
#include "cli/mcp_options.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/serve_options.h"

namespace rogerthat::cli {
namespace {

namespace fs = std::filesystem;
using List = std::vector<std::string>;

class McpOptionsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rogerthat-bridge-XXXXXX";
    home = mkdtemp(name);
    fs::create_directories(home + "/.rogerthat/profiles");
  }
  void TearDown() override { fs::remove_all(home); }
  void profile(const std::string& name, const std::string& text,
               fs::perms rights = fs::perms::owner_read | fs::perms::owner_write) {
    const std::string path = home + "/.rogerthat/profiles/" + name + ".toml";
    std::ofstream(path) << text;
    fs::permissions(path, rights);
  }
  std::string file(const std::string& name, const std::string& text) {
    const std::string path = home + "/" + name;
    std::ofstream(path) << text;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    return path;
  }
  std::expected<bridge::Settings, std::string> read(const List& arguments, List environment = {}) {
    environment.push_back("HOME=" + home);
    auto options = read_mcp_options(arguments, environment);
    if (!options) return std::unexpected(std::move(options.error()));
    return std::move(options->settings);
  }
  bridge::Settings must_read(const List& arguments, const List& environment = {}) {
    auto settings = read(arguments, environment);
    EXPECT_TRUE(settings) << settings.error();
    return settings.value_or(bridge::Settings{});
  }
  std::string error(const List& arguments, const List& environment = {}) {
    const auto settings = read(arguments, environment);
    return settings ? "none" : settings.error();
  }

  std::string home;
};

TEST_F(McpOptionsTest, NothingIsNeeded) {
  const bridge::Settings settings = must_read({});
  EXPECT_EQ(settings.hub.origin, "http://127.0.0.1:7424");
  EXPECT_EQ(settings.directory, home + "/.rogerthat");
  EXPECT_EQ(settings.channel, "");
}

TEST_F(McpOptionsTest, FlagsGoBeforeTheEnvironmentBeforeTheProfile) {
  profile("team",
          "origin = \"https://one.example\"\nchannel = \"general\"\ncallsign = \"one\"\n"
          "hub-token = \"one\"\n");
  const bridge::Settings settings =
      must_read({"--profile=team", "--origin", "https://Three.example/"},
                {"ROGERTHAT_ORIGIN=https://two.example", "ROGERTHAT_CALLSIGN=Two"});
  EXPECT_EQ(settings.hub.origin, "https://three.example");
  EXPECT_EQ(settings.callsign, "two");
  EXPECT_EQ(settings.channel, "general");
  EXPECT_EQ(settings.hub.hub_token, "one");
}

TEST_F(McpOptionsTest, TokensComeFromFilesAndTheEnvironment) {
  const std::string path = file("token", "from-a-file\n");
  EXPECT_EQ(must_read({"--channel", "general", "--token-file", path}).token, "from-a-file");
  EXPECT_EQ(must_read({"--channel", "general"}, {"ROGERTHAT_CHANNEL_TOKEN=from-env"}).token,
            "from-env");
  EXPECT_EQ(must_read({"--channel", "general", "--token-file", path},
                      {"ROGERTHAT_CHANNEL_TOKEN=from-env"})
                .token,
            "from-a-file");
  EXPECT_EQ(must_read({}, {"ROGERTHAT_HUB_TOKEN=hub", "ROGERTHAT_CHANNEL_TOKEN="}).hub.hub_token,
            "hub");
}

TEST_F(McpOptionsTest, AProfilesTokenIsForItsOwnChannel) {
  profile("team", "channel = \"amber-fox-1a2b\"\ntoken = \"its-own\"\n");
  EXPECT_EQ(must_read({"--profile", "team"}).token, "its-own");
  const bridge::Settings other = must_read({"--profile", "team", "--channel", "general"});
  EXPECT_EQ(other.channel, "general");
  EXPECT_EQ(other.token, "");
}

TEST_F(McpOptionsTest, AProfileThatOthersMayReadIsRefused) {
  profile("open", "channel = \"general\"\n", fs::perms::owner_all | fs::perms::group_read);
  const std::string path = home + "/.rogerthat/profiles/open.toml";
  EXPECT_EQ(error({"--profile", "open"}),
            path + " may be read by others, and it can hold secrets; run: chmod 600 " + path);
}

TEST_F(McpOptionsTest, MistakesInAProfileAreNamedByTheirPlace) {
  profile("bad", "channel = \"general\"\ncalsign = \"x\"\n");
  EXPECT_EQ(error({"--profile", "bad"}),
            home +
                "/.rogerthat/profiles/bad.toml:2:1: calsign is no known key; did you "
                "mean callsign?");
  profile("nested", "profile = \"x\"\n");
  EXPECT_NE(error({"--profile", "nested"}).find("profile cannot stand in the file"),
            std::string::npos);
}

TEST_F(McpOptionsTest, SecretsAreNeverRepeated) {
  for (const List& arguments :
       {List{"--channel", "general", "--token", "very secret"}, List{"--hub-token=very secret"},
        List{"--origin", "https://a:very-secret@hub.example"}}) {
    const std::string sentence = error(arguments);
    EXPECT_NE(sentence.find("must be"), std::string::npos) << sentence;
    EXPECT_EQ(sentence.find("secret"), std::string::npos) << sentence;
  }
  const std::string path = file("token", "two\nlines\n");
  EXPECT_EQ(error({"--channel", "general", "--token-file", path}).find("lines"), std::string::npos);
}

TEST_F(McpOptionsTest, ATokenFileThatOthersMayReadIsRefused) {
  const std::string path = file("token", "from-a-file\n");
  fs::permissions(path, fs::perms::others_read, fs::perm_options::add);
  EXPECT_NE(error({"--channel", "general", "--token-file", path}).find("run: chmod 600 " + path),
            std::string::npos);
}

TEST_F(McpOptionsTest, SecretArgumentsAreFound) {
  const List all = {"mcp", "--token", "abc", "--hub-token=def", "--token-file", "x"};
  const auto found = find_secrets(mcp_rows(), all);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].argument, 2U);
  EXPECT_EQ(found[0].offset, 0U);
  EXPECT_EQ(found[1].argument, 3U);
  EXPECT_EQ(all[3].substr(found[1].offset), "def");
}

TEST_F(McpOptionsTest, OfASecretAndItsFileTheStrongerSourceCounts) {
  const std::string path = file("token", "from-a-file\n");
  EXPECT_EQ(error({"--channel", "general", "--token", "a", "--token-file", path}),
            "--token and --token-file say the same thing; give one of them");
  EXPECT_EQ(must_read({"--channel", "general", "--token", "direct"},
                      {"ROGERTHAT_CHANNEL_TOKEN_FILE=" + path})
                .token,
            "direct");
}

TEST_F(McpOptionsTest, AllVerbsMayReadOneEnvironment) {
  OptionRows both = serve_rows();
  for (const OptionInfo* row : mcp_rows()) both.push_back(row);
  EXPECT_FALSE(find_unknown_variable(List{"ROGERTHAT_CHANNEL_TOKEN=x", "ROGERTHAT_PORT=1"}, both));
  EXPECT_TRUE(find_unknown_variable(List{"ROGERTHAT_CHANEL_TOKEN=x"}, both));
}

}  // namespace
}  // namespace rogerthat::cli
