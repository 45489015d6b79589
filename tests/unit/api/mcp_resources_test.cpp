#include <gtest/gtest.h>

#include "api/tools/resources.h"
#include "text_samples.h"

namespace rogerthat::api {
namespace {

TEST(Resources, AreNamedByChannelKindAndSession) {
  const auto inbox = parse_resource("rogerthat://channel/swift-otter-1a2b/inbox");
  ASSERT_TRUE(inbox);
  EXPECT_EQ(inbox->channel_id, "swift-otter-1a2b");
  EXPECT_EQ(inbox->what, hub::Observed::inbox);
  EXPECT_TRUE(inbox->session.empty());
  EXPECT_EQ(parse_resource("rogerthat://channel/a/roster")->what, hub::Observed::roster);
  const auto history = parse_resource("rogerthat://channel/a/history?session=x%2Dy");
  EXPECT_EQ(history->what, hub::Observed::history);
  EXPECT_EQ(history->session, "x-y");
  EXPECT_TRUE(parse_resource("rogerthat://channel/a/inbox?session="));
  EXPECT_TRUE(parse_resource("rogerthat://channel/a/inbox?"));
}

TEST(Resources, OfAnyOtherFormAreNone) {
  for (const char* uri :
       {"", "rogerthat://", "rogerthat://channel/", "rogerthat://channel/a", "http://a/inbox",
        "rogerthat://channel//inbox", "rogerthat://channel/a/", "rogerthat://channel/a/inbox/x",
        "rogerthat://channel/a/outbox", "rogerthat://channel/a/inbox?token=x",
        "rogerthat://channel/a/inbox?session=%zz", "ROGERTHAT://channel/a/inbox"}) {
    EXPECT_FALSE(parse_resource(uri)) << uri;
  }
}

TEST(Resources, AreListedAsTemplates) {
  const std::string templates(resource_templates_json());
  ASSERT_TRUE(is_json(templates)) << templates;
  for (const char* uri : {"rogerthat://channel/{channel_id}/inbox{?session}",
                          "rogerthat://channel/{channel_id}/roster{?session}",
                          "rogerthat://channel/{channel_id}/history{?session}"}) {
    EXPECT_NE(templates.find(uri), templates.npos) << uri;
  }
}

}  // namespace
}  // namespace rogerthat::api
