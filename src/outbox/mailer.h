// Mails with codes: what they say, how often one address may be written to, and the one thread that
// sends them: a mail server that is slow or dead holds up no other work.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "core/account.h"
#include "hub/budget.h"
#include "hub/worker_pool.h"
#include "net/smtp.h"

namespace rogerthat::outbox {

inline constexpr std::size_t kMailsPerHour = 3;  // to one address, and asked for by one account
inline constexpr std::size_t kMailsPerDay = 10;

class Mailer {
 public:
  // `origin`: of this hub, for the text; empty: it has none that it could vouch for.
  Mailer(net::SmtpServer server, std::string origin);
  ~Mailer();  // gives up what is on its way
  Mailer(const Mailer&) = delete;
  Mailer& operator=(const Mailer&) = delete;

  // Before a code is made for this address, or by this account. How long until there is room again;
  // 0: there was, and it has been taken.
  Millis take(std::string_view name, Millis steady) { return budget_.take(name, steady); }

  // Any thread; what becomes of it is seen in the log only. False: too many wait already.
  [[nodiscard]] bool send_code(std::string to, core::EmailCode::Purpose purpose,
                               std::string_view code, Millis wall);

 private:
  std::string text_of(core::EmailCode::Purpose purpose, std::string_view code) const;

  const net::SmtpServer server_;
  const std::string origin_;
  hub::Budget budget_;
  std::atomic<bool> ended_{false};
  hub::WorkerPool worker_;
};

}  // namespace rogerthat::outbox
