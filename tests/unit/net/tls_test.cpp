// HTTPS with certificates that openssl makes for the test.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include "recorder.h"

namespace rogerthat::net {
namespace {

namespace fs = std::filesystem;

class TlsClient {
 public:
  explicit TlsClient(const LiveServer& live, std::string_view protocols = "")
      : client_(live), context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
    SSL_set_fd(ssl_, client_.fd());
    if (!protocols.empty()) {
      SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    }
    connected_ = SSL_connect(ssl_) == 1;
    ERR_clear_error();
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool connected() const { return connected_; }
  std::string subject() const {
    X509* certificate = SSL_get1_peer_certificate(ssl_);
    char name[100] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                              sizeof name);
    X509_free(certificate);
    return name;
  }
  std::string protocol() const {
    const unsigned char* data = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &data, &size);
    return {reinterpret_cast<const char*>(data), size};
  }
  void send(std::string_view bytes) {
    ASSERT_EQ(SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())),
              static_cast<int>(bytes.size()));
  }
  // Until `mark` has been read, or the end.
  std::string read_until(std::string_view mark) {
    std::string all;
    char bytes[20'000];
    while (all.find(mark) == std::string::npos) {
      const int got = SSL_read(ssl_, bytes, sizeof bytes);
      if (got <= 0) break;
      all.append(bytes, static_cast<std::size_t>(got));
    }
    ERR_clear_error();
    return all;
  }

 private:
  Client client_;
  SSL_CTX* context_;
  SSL* ssl_;
  bool connected_ = false;
};

class Tls : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/rogerthat-tls-XXXXXX";
    directory = mkdtemp(name);
    make_certificate("first");
  }
  void TearDown() override {
    live.reset();
    fs::remove_all(directory);
  }
  void make_certificate(const std::string& name) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "
        "/CN=" +
        name + " -keyout " + key() + " -out " + certificate() + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  std::string certificate() const { return (directory / "cert.pem").string(); }
  std::string key() const { return (directory / "key.pem").string(); }
  void begin(std::size_t loops = 1, Millis header_time = 10 * kSecond) {
    live = std::make_unique<LiveServer>(ServerOptions{.tls_certificate_file = certificate(),
                                                      .tls_key_file = key(),
                                                      .header_time_max = header_time},
                                        loops);
    live->handler.on_request = [this](const Request& request, Exchange exchange) {
      if (request.path == "/large") return exchange.reply(text_response(std::string(3 << 20, 'x')));
      if (request.path == "/1" && Loop::current() != &live->loop(1)) {
        return exchange.move_to(live->loop(1));
      }
      if (request.path == "/0" && Loop::current() != &live->loop(0)) {
        return exchange.move_to(live->loop(0));
      }
      exchange.park(std::make_unique<Recorder>(told));
      exchange.reply(text_response(request.secure ? "secure;" : "plain;"));
    };
    live->start();
  }

  fs::path directory;
  Signal told;
  std::unique_ptr<LiveServer> live;
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(Tls, ServesKeepAliveRequestsWithHsts) {
  begin();
  TlsClient client(*live);
  ASSERT_TRUE(client.connected());
  client.send(kGet);
  const std::string answer = client.read_until("secure;");
  EXPECT_NE(answer.find("\r\nStrict-Transport-Security: "), std::string::npos);
  client.send(kGet);
  client.read_until("secure;");
  EXPECT_EQ(told.await(), "next request");
}

TEST_F(Tls, TellsOfTheHandOver) {
  begin();
  {
    TlsClient client(*live);
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    client.read_until("secure;");
  }
  EXPECT_EQ(told.await(), "closed, acknowledged");
}

TEST_F(Tls, CarriesLargeAnswers) {
  begin();
  TlsClient client(*live);
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_GT(client.read_until("secure;").size(), 3U << 20);
}

TEST_F(Tls, CarriesLargeBodies) {
  begin();
  TlsClient client(*live);
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
  client.send(std::string(900'000, 'x'));
  EXPECT_NE(client.read_until("secure;").find("200 OK"), std::string::npos);
}

TEST_F(Tls, MovesAlongWithItsConnection) {
  begin(2);
  TlsClient client(*live);
  for (int i = 0; i < 10; ++i) {
    client.send("GET /" + std::to_string(i % 2) + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_NE(client.read_until("secure;").find("200 OK"), std::string::npos);
  }
}

TEST_F(Tls, OffersHttp11Only) {
  begin();
  EXPECT_EQ(TlsClient(*live, "\x02h2\x08http/1.1").protocol(), "http/1.1");
  TlsClient other(*live, "\x02h2");
  EXPECT_TRUE(other.connected());
  EXPECT_EQ(other.protocol(), "");
}

TEST_F(Tls, ReloadsItsCertificate) {
  begin();
  TlsClient before(*live);
  EXPECT_EQ(before.subject(), "first");
  make_certificate("second");
  ASSERT_TRUE(live->server->reload_tls());
  EXPECT_EQ(TlsClient(*live).subject(), "second");
  before.send(kGet);
  EXPECT_NE(before.read_until("secure;").find("200 OK"), std::string::npos);
}

TEST_F(Tls, KeepsTheOldCertificateWhenTheNewOneIsBad) {
  begin();
  const auto refusal = [&] {
    const auto result = live->server->reload_tls();
    return result ? std::string("loaded") : result.error().message;
  };
  fs::rename(certificate(), directory / "away.pem");
  EXPECT_NE(refusal().find("'" + certificate() + "' cannot be used: "), std::string::npos);
  std::ofstream(certificate()) << "no certificate";
  EXPECT_NE(refusal().find("no start line"), std::string::npos) << refusal();
  fs::rename(directory / "away.pem", certificate());
  std::ofstream(key()) << "no key";
  EXPECT_NE(refusal().find("'" + key() + "' cannot be used: "), std::string::npos);
  EXPECT_EQ(TlsClient(*live).subject(), "first");
}

TEST_F(Tls, RefusesToStartWithBadFiles) {
  Loop loop;
  TestHandler handler;
  Server server({.port = 0, .tls_certificate_file = "/no/such/file", .tls_key_file = key()},
                {&loop}, handler);
  const auto result = server.listen();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "the TLS certificate file '/no/such/file' cannot be used: No such file or directory");
}

TEST_F(Tls, EndsAConnectionThatDoesNotShakeHands) {
  begin(1, 80);
  Client silent(*live), plain(*live);
  plain.get("/");
  plain.read_to_end();
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(live->server->counters().tls_failures, 1U);
  EXPECT_EQ(live->server->counters().timeouts, 1U);
}

}  // namespace
}  // namespace rogerthat::net
