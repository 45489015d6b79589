// The client of SMTP against servers that do as they please. That it gets along with real ones is
// tested end to end.
#include "net/smtp.h"

#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rogerthat::net {
namespace {

// Serves one connection: says a greeting, then answers each line (and each whole message) with the
// next of its script. With the script it ends, or falls silent.
class ScriptedServer {
 public:
  enum class AtEnd : std::uint8_t { close, silence };
  explicit ScriptedServer(std::vector<std::string> script, AtEnd at_end = AtEnd::close)
      : script_(std::move(script)), at_end_(at_end) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedServer() {
    ended_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  SmtpServer settings() const {
    SmtpServer server;
    server.host = "127.0.0.1";
    server.port = port_;
    server.security = SmtpServer::Security::none;
    server.from = "hub@hub.test";
    server.time_max = 2 * kSecond;
    return server;
  }
  std::string heard() {
    thread_.join();
    thread_ = std::thread([] {});
    return heard_;
  }

 private:
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    if (peer < 0) return;
    timeval tick{.tv_sec = 0, .tv_usec = 20'000};
    ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &tick, sizeof tick);
    bool in_message = false;
    for (const std::string& answer : script_) {
      if (&answer != &script_.front() && !hear(peer, in_message ? "\r\n.\r\n" : "\r\n")) break;
      if (::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
      in_message = answer.starts_with("354");
    }
    while (at_end_ == AtEnd::silence && hear(peer, "\r\n")) {
    }
    ::close(peer);
  }
  bool hear(int peer, std::string_view end) {
    const std::size_t before = heard_.size();
    char byte = 0;
    while (!ended_) {
      const ssize_t got = ::recv(peer, &byte, 1, 0);
      if (got == 0) return false;
      if (got < 0) continue;
      heard_ += byte;
      if (std::string_view(heard_).substr(before).ends_with(end)) return true;
    }
    return false;
  }

  std::vector<std::string> script_;
  AtEnd at_end_;
  int listener_ = -1;
  int port_ = 0;
  std::string heard_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

const std::atomic<bool> kGoOn{false};

Mail a_mail() {
  Mail mail;
  mail.to = "someone@example.test";
  mail.subject = "A code";
  mail.text = "123456\n.\n.dots\nlast";
  mail.message_id = "x@hub.test";
  mail.date = 1'700'000'000'000;
  return mail;
}

std::string trouble_with(std::vector<std::string> script) {
  ScriptedServer server(std::move(script));
  const auto sent = send_mail(server.settings(), a_mail(), kGoOn);
  return sent ? "(sent)" : sent.error().message;
}

TEST(Smtp, SendsAMailWithDotsDoubled) {
  ScriptedServer server({"220-hello\r\n220 there\r\n", "250-me\r\n250 SIZE 1000\r\n", "250 ok\r\n",
                         "251 will forward\r\n", "354 go on\r\n", "250 2.0.0 taken\r\n"});
  const auto sent = send_mail(server.settings(), a_mail(), kGoOn);
  ASSERT_TRUE(sent) << sent.error().message;
  const std::string heard = server.heard();
  EXPECT_TRUE(
      heard.starts_with("EHLO [127.0.0.1]\r\nMAIL FROM:<hub@hub.test>\r\n"
                        "RCPT TO:<someone@example.test>\r\nDATA\r\n"))
      << heard;
  EXPECT_NE(heard.find("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"), heard.npos) << heard;
  EXPECT_TRUE(heard.ends_with("\r\n\r\n123456\r\n..\r\n..dots\r\nlast\r\n.\r\n")) << heard;
}

TEST(Smtp, ARefusalIsToldByItsNumbersOnly) {
  const std::string trouble = trouble_with({"220 hello\r\n", "250 me\r\n", "250 ok\r\n",
                                            "550 5.1.1 <someone@example.test> is nobody here\r\n"});
  EXPECT_NE(trouble.find("RCPT TO was answered with 550 5.1.1."), trouble.npos) << trouble;
  EXPECT_EQ(trouble.find("someone"), trouble.npos);
  EXPECT_NE(trouble_with({"554 go away, someone@example.test\r\n"}).find("with 554."),
            std::string::npos);
}

TEST(Smtp, AnswersWithoutEndOrSenseEndIt) {
  EXPECT_NE(trouble_with({std::string(8 << 10, '2')}).find("no end"), std::string::npos);
  EXPECT_NE(trouble_with({"SSH-2.0-x\r\n"}).find("does not speak SMTP"), std::string::npos);
  std::string endless;
  for (int i = 0; i < 200; ++i) endless += "220-on and on\r\n";
  EXPECT_NE(trouble_with({endless}).find("does not speak SMTP"), std::string::npos);
  EXPECT_NE(trouble_with({"220 hello\r\n"}).find("closed"), std::string::npos);
}

TEST(Smtp, ALoginIsNeverSentInTheClear) {
  ScriptedServer server({"220 hello\r\n", "250-me\r\n250 AUTH PLAIN LOGIN\r\n"});
  SmtpServer settings = server.settings();
  settings.security = SmtpServer::Security::starttls;
  settings.user = "hub";
  settings.password = "secret";
  const auto sent = send_mail(settings, a_mail(), kGoOn);
  ASSERT_FALSE(sent);
  EXPECT_NE(sent.error().message.find("offers no STARTTLS"), std::string::npos);
  EXPECT_EQ(server.heard(), "EHLO [127.0.0.1]\r\n");
}

TEST(Smtp, AServerThatFallsSilentIsGivenUp) {
  ScriptedServer server({"220 hello\r\n"}, ScriptedServer::AtEnd::silence);
  SmtpServer settings = server.settings();
  settings.time_max = 300;
  const Millis begin = read_clocks().steady;
  EXPECT_FALSE(send_mail(settings, a_mail(), kGoOn));
  EXPECT_LT(read_clocks().steady - begin, 2'000);
}

TEST(Smtp, EndsSoonWhenItIsCancelled) {
  ScriptedServer server({"220 hello\r\n"}, ScriptedServer::AtEnd::silence);
  SmtpServer settings = server.settings();
  settings.time_max = kMinute;
  std::atomic<bool> cancelled{false};
  std::thread canceller([&] { cancelled = true; });
  const Millis begin = read_clocks().steady;
  EXPECT_FALSE(send_mail(settings, a_mail(), cancelled));
  EXPECT_LT(read_clocks().steady - begin, 5'000);
  canceller.join();
}

TEST(Smtp, AnAddressCannotCarryACommand) {
  Mail mail = a_mail();
  for (const char* to : {"", "a b@example.test", "a@example.test\r\nRSET", "a>@example.test"}) {
    mail.to = to;
    SmtpServer nowhere;
    nowhere.host = "127.0.0.1";
    nowhere.from = "hub@hub.test";
    EXPECT_FALSE(send_mail(nowhere, mail, kGoOn)) << to;
  }
}

}  // namespace
}  // namespace rogerthat::net
