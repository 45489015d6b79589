// Sending one mail by submission: connect, TLS, login, message, quit. The client's side
// of SMTP. It blocks, within its time limits: for a worker thread, never for a loop.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace rogerthat::net {

struct SmtpServer {
  enum class Security : std::uint8_t {
    starttls,  // port 587: plain first, TLS before anything else is said
    tls,       // port 465
    none,      // port 25: a relay on this machine, without login
  };
  std::string host;
  int port = 0;  // 0: the usual one of its security
  Security security = Security::starttls;
  std::string user;  // empty: no login
  std::string password;
  std::string from;                // address
  std::string ca_file;             // further authorities; empty: those of the system
  Millis time_max = 20 * kSecond;  // for the whole conversation
};

struct Mail {
  std::string to;          // one address
  std::string subject;     // ASCII
  std::string text;        // ASCII, lines end in \n
  std::string message_id;  // unique, without brackets
  Millis date = 0;         // wall
};

// The error says which step failed and the numbers that the server answered with: it holds no
// credential and no address, which servers like to repeat. Gives up soon after `cancelled`.
Result<void> send_mail(const SmtpServer& server, const Mail& mail,
                       const std::atomic<bool>& cancelled);

// The message as it is sent, with the dots at line beginnings doubled and the final one.
std::string encode_mail(const SmtpServer& server, const Mail& mail);

}  // namespace rogerthat::net
