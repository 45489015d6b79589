#include "api/http/router.h"

#include <gtest/gtest.h>

#include "api/routes.h"

namespace rogerthat::api {
namespace {

using net::Method;

class Routing : public testing::Test {
 protected:
  // The name of the route, "405" for a known path and a wrong method, "404" for no path of ours.
  std::string at(Method method, std::string_view path) const {
    const RouteMatch match = router_.match(method, path);
    if (match.route != nullptr) return std::string(match.route->name);
    return match.path_known ? "405" : "404";
  }
  Router router_{routes()};
};

TEST_F(Routing, EveryRouteOfTheTableIsFound) {
  for (const Route& route : routes()) {
    std::string path(route.path);
    for (std::size_t i = path.find('{'); i != path.npos; i = path.find('{')) {
      path.replace(i, path.find('}') + 1 - i, "x-1");
    }
    if (path.ends_with('*')) path.replace(path.size() - 1, 1, "any/thing");
    EXPECT_EQ(at(route.method, path), route.name) << path;
  }
}

TEST_F(Routing, ParametersAreSegmentsOfThePath) {
  const RouteMatch match =
      router_.match(Method::get, "/api/channels/amber-otter-3f9c/messages/1700000000000");
  EXPECT_EQ(match.channel(), "amber-otter-3f9c");
  EXPECT_EQ(match.last(), "1700000000000");
}

// What a request is about decides on which shard it runs and which bans count: a callsign or a
// webhook in the place of a channel's id is none.
TEST_F(Routing, OnlyAChannelIsTakenForOne) {
  const auto channel = [this](Method method, std::string_view path) {
    const RouteMatch match = router_.match(method, path);
    EXPECT_NE(match.route, nullptr) << path;
    return std::string(match.channel());
  };
  EXPECT_EQ(channel(Method::post, "/api/channels/a/send"), "a");
  EXPECT_EQ(channel(Method::delete_, "/api/account/channels/a"), "a");
  EXPECT_EQ(channel(Method::delete_, "/api/admin/channels/a"), "a");
  EXPECT_EQ(channel(Method::post, "/mcp/a"), "a");
  EXPECT_EQ(channel(Method::post, "/mcp"), "");
  EXPECT_EQ(channel(Method::post, "/api/channels"), "");
  EXPECT_EQ(channel(Method::delete_, "/api/account/identities/a"), "");
  EXPECT_EQ(channel(Method::post, "/api/account/identities/a/rotate"), "");
  EXPECT_EQ(channel(Method::delete_, "/api/account/webhooks/a"), "");
  EXPECT_EQ(router_.match(Method::delete_, "/api/account/identities/a").last(), "a");
  EXPECT_EQ(router_.match(Method::get, "/nowhere/a").channel(), "");
}

TEST_F(Routing, ARowIsCountedUnderItsPlace) {
  EXPECT_EQ(router_.row_of(router_.match(Method::post, routes()[0].path)), 0u);
  EXPECT_EQ(router_.row_of(router_.match(Method::get, "/nowhere")), routes().size());
}

TEST_F(Routing, SegmentsMatchExactly) {
  EXPECT_EQ(at(Method::post, "/api/channels/a/sends"), "404");
  EXPECT_EQ(at(Method::post, "/api/channels/a/Send"), "404");
  EXPECT_EQ(at(Method::post, "/api/channels/a/send/more"), "404");
  EXPECT_EQ(at(Method::post, "/api/channels//send"), "404");
  EXPECT_EQ(at(Method::get, "/api"), "404");
  EXPECT_EQ(at(Method::get, ""), "404");
  EXPECT_EQ(at(Method::get, "*"), "404");
}

TEST_F(Routing, OneTrailingSlashIsForgiven) {
  EXPECT_EQ(at(Method::post, "/api/channels/a/send/"), "send");
  EXPECT_EQ(at(Method::post, "/api/channels/a/send//"), "404");
  EXPECT_EQ(at(Method::get, "/"), "home");
}

TEST_F(Routing, HeadGoesWhereGetAnswersAtOnce) {
  EXPECT_EQ(at(Method::head, "/llms.txt"), "llms_txt");
  EXPECT_EQ(at(Method::head, "/api/channels/a/roster"), "roster");
  for (const char* path : {"listen", "wait", "stream"}) {
    EXPECT_EQ(at(Method::head, std::string("/api/channels/a/") + path), "405");
  }
}

TEST_F(Routing, AllowListsWhatAnswers) {
  EXPECT_EQ(at(Method::get, "/api/channels/a/send"), "405");
  EXPECT_EQ(router_.allow("/api/channels/a/send"), "POST");
  EXPECT_EQ(router_.allow("/api/channels/a/roster"), "GET, HEAD");
  EXPECT_EQ(router_.allow("/api/channels/a/listen"), "GET");
  EXPECT_EQ(router_.allow("/nowhere"), "");
}

TEST(EditionPrefix, IsTakenOffThePath) {
  const auto split = [](std::string_view path) { return split_edition_prefix(path); };
  EXPECT_EQ(split("/m/park/api/bands").name, "park");
  EXPECT_EQ(split("/m/park/api/bands").path, "/api/bands");
  EXPECT_EQ(split("/m/park").path, "/");
  EXPECT_EQ(split("/m/park/").path, "/");
  EXPECT_EQ(split("/m//api").path, "/m//api");
  EXPECT_EQ(split("/metrics").name, "");
}

}  // namespace
}  // namespace rogerthat::api
