#include "outbox/mailer.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "base/thread_random.h"

namespace rogerthat::outbox {

namespace {

constexpr std::size_t kThreads = 1;
constexpr std::size_t kQueueMax = 100;
constexpr std::size_t kAddressesMax = 100'000;
constexpr std::size_t kMessageIdBytes = 18;

std::string_view domain_of(std::string_view address) {
  return address.substr(address.find('@') + 1);
}

}  // namespace

Mailer::Mailer(net::SmtpServer server, std::string origin)
    : server_(std::move(server)),
      origin_(std::move(origin)),
      budget_({{kMailsPerHour, kHour}, {kMailsPerDay, kDay}}, kAddressesMax),
      worker_(kThreads, kQueueMax) {}

Mailer::~Mailer() {
  ended_ = true;
}

std::string Mailer::text_of(core::EmailCode::Purpose purpose, std::string_view code) const {
  const std::string hub = origin_.empty() ? "a RogerThat hub" : "the RogerThat hub " + origin_;
  const auto minutes = core::kEmailCodeLife / kMinute;
  if (purpose == core::EmailCode::Purpose::attach) {
    return fmt::format(
        "{} is the code that ties this address to an account on {}.\n\n"
        "It is good for {} minutes. If you did not ask for it, ignore this mail: without the\n"
        "code nothing happens.\n",
        code, hub, minutes);
  }
  return fmt::format(
      "{} is the code that opens your account on {}.\n\n"
      "It is good for {} minutes, once. Whoever has it can take the account over: give it to\n"
      "nobody. If you did not ask for it, ignore this mail.\n",
      code, hub, minutes);
}

bool Mailer::send_code(std::string to, core::EmailCode::Purpose purpose, std::string_view code,
                       Millis wall) {
  net::Mail mail;
  mail.to = std::move(to);
  mail.subject = "Your RogerThat code";
  mail.text = text_of(purpose, code);
  mail.message_id =
      fmt::format("{}@{}", random_source().token(kMessageIdBytes), domain_of(server_.from));
  mail.date = wall;
  return worker_.submit([this, mail = std::move(mail)] {
    if (ended_) return;  // looking up the mail server alone may take its time
    const auto sent = net::send_mail(server_, mail, ended_);
    if (!sent) log(LogLevel::warning, "mail not sent", {{"reason", sent.error().message}});
  });
}

}  // namespace rogerthat::outbox
