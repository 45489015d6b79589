// The client over TLS, with certificates that openssl makes for the test.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "client_fixture.h"
#include "raw_peer.h"

namespace rogerthat::net {
namespace {

namespace fs = std::filesystem;

class HttpsClientTest : public HttpClientTest {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rogerthat-https-XXXXXX";
    directory = mkdtemp(name);
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=hub.test -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
        directory + "/key.pem -out " + directory + "/cert.pem 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    live = std::make_unique<LiveServer>(ServerOptions{
        .tls_certificate_file = directory + "/cert.pem", .tls_key_file = directory + "/key.pem"});
    echo(*live);
  }
  void TearDown() override {
    owned.reset();
    live.reset();
    fs::remove_all(directory);
  }
  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(live->port()) + "/x";
  }

  std::string directory;
  std::unique_ptr<LiveServer> live;
};

TEST_F(HttpsClientTest, BelievesItsAuthoritiesForTheRightNameAndAddress) {
  options.ca_file = directory + "/cert.pem";
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    for (int i = 0; i < 2; ++i) {
      const auto got = fetch({.url = url(host)});
      ASSERT_TRUE(got) << host << ": " << got.error().text;
      EXPECT_TRUE(got->body.starts_with("GET /x")) << got->body;
    }
  }
  EXPECT_EQ(live->server->counters().accepted, 2U);  // each origin keeps its connection
  const std::string body(700'000, 'x');
  const auto got = fetch({.method = "POST", .url = url("localhost"), .body = body});
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_TRUE(got->body.ends_with(body));
}

TEST_F(HttpsClientTest, ANameThatTheCertificateDoesNotHaveIsRefused) {
  options.ca_file = directory + "/cert.pem";
  const auto got = fetch({.url = url("other.localhost")});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ClientFailure::tls);
  EXPECT_TRUE(got.error().unsent);
  EXPECT_EQ(got.error().text, "the server's certificate is not accepted: hostname mismatch");
}

TEST_F(HttpsClientTest, ACertificateOfNobodyIsRefused) {
  const auto got = fetch({.url = url("localhost")});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ClientFailure::tls);
  EXPECT_TRUE(got.error().text.starts_with("the server's certificate is not accepted: self"))
      << got.error().text;
  EXPECT_EQ(live->server->counters().requests, 0U);
}

TEST_F(HttpsClientTest, AServerWithoutTlsIsATlsFailure) {
  RawPeer peer({[](RawPeer::Talk& talk) { talk.say("HTTP/1.1 400 Bad Request\r\n\r\n"); }});
  std::string plain = peer.url();
  EXPECT_EQ(failure_kind({.url = plain.replace(0, 4, "https")}), ClientFailure::tls);
}

TEST_F(HttpsClientTest, AFileOfAuthoritiesThatIsNoneIsSaid) {
  options.ca_file = directory + "/missing.pem";
  EXPECT_EQ(failure({.url = url("localhost")}),
            "the file of certificate authorities '" + directory + "/missing.pem' cannot be used");
}

}  // namespace
}  // namespace rogerthat::net
