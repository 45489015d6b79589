#include "net/smtp.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "net/tls_client.h"

namespace rogerthat::net {

namespace {

constexpr std::size_t kLineMax = 4 << 10;
constexpr std::size_t kLinesMax = 100;  // of one answer
constexpr Millis kLook = 200;           // how often it is asked whether to give up

std::unexpected<Error> trouble(const std::string& what) {
  return fail(ErrorCode::unavailable, "The mail could not be sent: " + what + ".",
              "The operator should check the SMTP settings.");
}

struct Answer {
  int code = 0;
  std::vector<std::string> lines;
  // "STARTTLS", or "AUTH" and one of the words behind it.
  bool offers(std::string_view capability, std::string_view with = {}) const {
    return std::ranges::any_of(lines, [&](const std::string& line) {
      std::istringstream words(line);
      std::string word;
      if (!(words >> word) || !equal_ignoring_case(word, capability)) return false;
      if (with.empty()) return true;
      while (words >> word) {
        if (equal_ignoring_case(word, with)) return true;
      }
      return false;
    });
  }
  // "550 5.1.1": all that is told of it. The text behind may repeat whom the mail was for.
  std::string numbers() const {
    std::string out = std::to_string(code);
    if (lines.empty()) return out;
    const std::string_view text = lines.front();
    const std::string_view first = text.substr(0, text.find(' '));
    const bool enhanced = first.size() >= 5 && first.size() <= 9 && first[1] == '.' &&
                          first.find_first_not_of("0123456789.") == std::string_view::npos;
    return enhanced ? fmt::format("{} {}", out, first) : out;
  }
};

// A socket with a deadline, plain at first and under TLS from some point on.
class Wire {
 public:
  Wire(Millis deadline, const std::atomic<bool>& cancelled)
      : deadline_(deadline), cancelled_(cancelled) {}
  ~Wire() {
    tls_.reset();
    if (fd_ >= 0) ::close(fd_);
  }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  Result<void> connect(const std::string& host, int port);
  Result<void> start_tls(const std::string& host, const std::string& ca_file);
  Result<void> write(std::string_view data);
  Result<Answer> read_answer();
  std::string own_name() const;  // what a client without a name of its own says in its EHLO

 private:
  bool wait(short events);
  bool retry(int result);  // of a TLS call that could not go on
  Result<std::string> read_line();
  Result<void> fill();

  Millis deadline_;
  const std::atomic<bool>& cancelled_;
  int fd_ = -1;
  TlsSession tls_;
  std::string input_;
};

bool Wire::wait(short events) {
  pollfd waited{fd_, events, 0};
  while (!cancelled_) {
    const Millis left = deadline_ - read_clocks().steady;
    if (left <= 0) return false;
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min(left, kLook)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
  return false;
}

std::string Wire::own_name() const {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  std::array<char, INET6_ADDRSTRLEN> text{};
  auto* const address = reinterpret_cast<sockaddr*>(&own);
  const bool known =
      getsockname(fd_, address, &size) == 0 &&
      getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  if (!known) return "localhost";
  return fmt::format("[{}{}]", own.ss_family == AF_INET6 ? "IPv6:" : "", text.data());
}

bool Wire::retry(int result) {
  const int why = SSL_get_error(tls_.get(), result);
  if (why == SSL_ERROR_WANT_READ) return wait(POLLIN);
  if (why == SSL_ERROR_WANT_WRITE) return wait(POLLOUT);
  return false;
}

Result<void> Wire::connect(const std::string& host, int port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (status != 0) {
    return trouble(fmt::format("{} cannot be resolved: {}", host, gai_strerror(status)));
  }
  std::string reason = "it has no address";
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    fd_ = ::socket(each->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) continue;
    int error = ::connect(fd_, each->ai_addr, each->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      socklen_t size = sizeof error;
      if (!wait(POLLOUT)) {
        error = ETIMEDOUT;
      } else if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
      }
    }
    if (error == 0) break;
    reason = std::strerror(error);
    ::close(std::exchange(fd_, -1));
  }
  freeaddrinfo(found);
  if (fd_ >= 0) return {};
  return trouble(fmt::format("no connection to {}:{}: {}", host, port, reason));
}

Result<void> Wire::start_tls(const std::string& host, const std::string& ca_file) {
  const auto context = TlsClientContext::create(ca_file);
  if (!context) return std::unexpected(context.error());
  tls_ = context->new_session(fd_, host, {});
  if (!tls_) return trouble("TLS cannot be set up");
  input_.clear();  // what came in plain after STARTTLS is nobody's word
  for (;;) {
    const int result = SSL_do_handshake(tls_.get());
    if (result == 1) return {};
    if (!retry(result)) return trouble(tls_failure(tls_.get()));
  }
}

Result<void> Wire::write(std::string_view data) {
  while (!data.empty()) {
    ssize_t written = 0;
    if (tls_) {
      written = SSL_write(tls_.get(), data.data(), static_cast<int>(data.size()));
      if (written <= 0 && retry(static_cast<int>(written))) continue;
    } else {
      written = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (written < 0 && (errno == EAGAIN || errno == EINTR) && wait(POLLOUT)) continue;
    }
    if (written <= 0) return trouble("the connection broke or was too slow");
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> Wire::fill() {
  std::array<char, 4096> piece;
  for (;;) {
    ssize_t got = 0;
    if (tls_) {
      got = SSL_read(tls_.get(), piece.data(), static_cast<int>(piece.size()));
      if (got <= 0 && retry(static_cast<int>(got))) continue;
    } else {
      got = ::recv(fd_, piece.data(), piece.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR) && wait(POLLIN)) continue;
    }
    if (got <= 0) return trouble("the server fell silent or closed the connection");
    input_.append(piece.data(), static_cast<std::size_t>(got));
    return {};
  }
}

Result<std::string> Wire::read_line() {
  for (;;) {
    const std::size_t end = input_.find('\n');
    if (end != std::string::npos) {
      std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (input_.size() > kLineMax) return trouble("the server's answer has no end");
    if (auto more = fill(); !more) return std::unexpected(more.error());
  }
}

// "250-SIZE 1000", "250 OK": the last line has no dash.
Result<Answer> Wire::read_answer() {
  Answer answer;
  while (answer.lines.size() < kLinesMax) {
    auto line = read_line();
    if (!line) return std::unexpected(line.error());
    const bool numbered =
        line->size() >= 3 &&
        std::all_of(line->begin(), line->begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
    if (!numbered) break;
    answer.code = (line->at(0) - '0') * 100 + (line->at(1) - '0') * 10 + (line->at(2) - '0');
    const bool last = line->size() == 3 || line->at(3) != '-';
    answer.lines.push_back(line->size() > 4 ? line->substr(4) : std::string());
    if (last) return answer;
  }
  return trouble("the server does not speak SMTP");
}

// One conversation, step by step. The first refusal ends it.
class Conversation {
 public:
  Conversation(const SmtpServer& server, const std::atomic<bool>& cancelled)
      : server_(server), wire_(read_clocks().steady + server.time_max, cancelled) {}

  Result<void> send(const Mail& mail) {
    if (auto ok = begin(); !ok) return ok;
    if (auto ok = login(); !ok) return ok;
    if (auto ok = command("MAIL FROM", fmt::format("MAIL FROM:<{}>", server_.from), 250); !ok) {
      return ok;
    }
    if (auto ok = command("RCPT TO", fmt::format("RCPT TO:<{}>", mail.to), 250); !ok) return ok;
    if (auto ok = command("DATA", "DATA", 354); !ok) return ok;
    if (auto ok = wire_.write(encode_mail(server_, mail)); !ok) return ok;
    if (auto ok = expect("the message", 250); !ok) return ok;
    static_cast<void>(wire_.write("QUIT\r\n"));  // it is accepted: what comes now changes nothing
    return {};
  }

 private:
  using Security = SmtpServer::Security;

  Result<void> begin() {
    if (auto ok = wire_.connect(server_.host, port()); !ok) return ok;
    if (server_.security == Security::tls) {
      if (auto ok = wire_.start_tls(server_.host, server_.ca_file); !ok) return ok;
    }
    if (auto ok = expect("the greeting", 220); !ok) return ok;
    if (auto ok = hello(); !ok) return ok;
    if (server_.security != Security::starttls) return {};
    if (!answer_.offers("STARTTLS")) return trouble("the server offers no STARTTLS");
    if (auto ok = command("STARTTLS", "STARTTLS", 220); !ok) return ok;
    if (auto ok = wire_.start_tls(server_.host, server_.ca_file); !ok) return ok;
    return hello();  // what was offered in plain counts no more
  }

  int port() const {
    if (server_.port != 0) return server_.port;
    if (server_.security == Security::none) return 25;
    return server_.security == Security::tls ? 465 : 587;
  }

  Result<void> hello() { return command("EHLO", "EHLO " + wire_.own_name(), 250); }

  Result<void> login() {
    if (server_.user.empty()) return {};
    if (answer_.offers("AUTH", "PLAIN")) {
      std::string secret;
      secret.append(1, '\0').append(server_.user).append(1, '\0').append(server_.password);
      return command("the login", "AUTH PLAIN " + base64(secret), 235);
    }
    if (!answer_.offers("AUTH", "LOGIN")) {
      return trouble("the server offers no login by password (PLAIN or LOGIN)");
    }
    if (auto ok = command("the login", "AUTH LOGIN", 334); !ok) return ok;
    if (auto ok = command("the login", base64(server_.user), 334); !ok) return ok;
    return command("the login", base64(server_.password), 235);
  }

  Result<void> command(std::string_view name, const std::string& line, int code) {
    if (auto ok = wire_.write(line + "\r\n"); !ok) return ok;
    return expect(name, code);
  }

  Result<void> expect(std::string_view step, int code) {
    auto answer = wire_.read_answer();
    if (!answer) return std::unexpected(answer.error());
    answer_ = std::move(*answer);
    constexpr int kWillForward = 251;
    if (answer_.code == code || (code == 250 && answer_.code == kWillForward)) return {};
    return trouble(fmt::format("{} was answered with {}", step, answer_.numbers()));
  }

  const SmtpServer& server_;
  Wire wire_;
  Answer answer_;
};

bool fits_a_command(std::string_view address) {
  return !address.empty() && std::ranges::all_of(address, [](char c) {
    return c > ' ' && c < 0x7f && c != '<' && c != '>';
  });
}

}  // namespace

std::string encode_mail(const SmtpServer& server, const Mail& mail) {
  const std::time_t seconds = mail.date / kSecond;
  std::string out = fmt::format(
      "From: {}\r\nTo: {}\r\nSubject: {}\r\nDate: {:%a, %d %b %Y %H:%M:%S} +0000\r\n"
      "Message-ID: <{}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
      server.from, mail.to, mail.subject, fmt::gmtime(seconds), mail.message_id);
  std::string_view left = mail.text;
  while (!left.empty()) {
    const std::size_t end = left.find('\n');
    const std::string_view line = left.substr(0, end);
    if (line.starts_with('.')) out += '.';
    out += line;
    out += "\r\n";
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
  }
  out += ".\r\n";
  return out;
}

Result<void> send_mail(const SmtpServer& server, const Mail& mail,
                       const std::atomic<bool>& cancelled) {
  if (!fits_a_command(server.from) || !fits_a_command(mail.to)) {
    return trouble("an address holds what no address may");
  }
  return Conversation(server, cancelled).send(mail);
}

}  // namespace rogerthat::net
