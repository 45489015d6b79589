// server.json, which registries read, speaks of the version that is built here.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/version.h"

namespace rogerthat::cli {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(ROGERTHAT_SOURCE_DIR "/" + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(ServerJson, HoldsWhatRegistriesAskFor) {
  const std::string text = file("server.json");
  const auto json = JsonDocument::parse(text);
  ASSERT_TRUE(json) << text;
  EXPECT_EQ(json->find("$schema")->string(),
            "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json");
  EXPECT_EQ(json->find("version")->string(), version());
  EXPECT_LE(json->find("description")->string().size(), 100u);
  const std::string_view name = json->find("name")->string();
  EXPECT_EQ(name.find('/'), name.rfind('/'));
  EXPECT_NE(name.find('/'), name.npos);
  EXPECT_EQ(json->find("remotes")->size(), 1u);
}

}  // namespace
}  // namespace rogerthat::cli
