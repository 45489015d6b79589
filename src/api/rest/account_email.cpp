#include "api/rest/account_email.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/access/accounts.h"
#include "api/access/auth.h"
#include "api/http/secrets.h"
#include "api/http/told_fields.h"
#include "api/http/unknown_fields.h"
#include "api/rest/accounts.h"
#include "base/log.h"
#include "base/utf8.h"
#include "core/directory.h"
#include "outbox/mailer.h"

namespace rogerthat::api {

namespace {

using core::CodeTried;
using core::Directory;
using Purpose = core::EmailCode::Purpose;
using Changes = Result<core::DirectoryChanges>;

constexpr std::size_t kCodeDigits = 6;
constexpr std::string_view kMailsNotice =
    "An address gets at most 3 an hour and 10 a day: then use the last one.";
static_assert(outbox::kMailsPerHour == 3 && outbox::kMailsPerDay == 10);
constexpr std::uint64_t kCodes = 1'000'000;

Error no_mail() {
  return {ErrorCode::unavailable, "This hub sends no mail.",
          "Its operator can set a mail server (--smtp). Keep the recovery_token instead."};
}

Error too_many_mails(Millis wait) {
  Error error{ErrorCode::rate_limited,
              fmt::format("Too many codes were asked for by this account: {} an hour and {} a day "
                          "are allowed.",
                          outbox::kMailsPerHour, outbox::kMailsPerDay)};
  error.retry_after_seconds = (wait + kSecond - 1) / kSecond;
  error.hint = "Use the last one, or try again later.";
  return error;
}

std::string new_code() {
  return fmt::format("{:0{}}", random_source().below(kCodes), kCodeDigits);
}

// What is kept of a code. Six digits are soon tried through: only who has the key file can try.
Digest mac_of(const Services& services, Purpose purpose, std::string_view email,
              std::string_view code) {
  const std::string_view key{reinterpret_cast<const char*>(services.options.key.data()),
                             services.options.key.size()};
  const std::string_view what = purpose == Purpose::attach ? "attach" : "recover";
  return hmac_sha256(key, fmt::format("email code|{}|{}|{}", what, email, code));
}

// A number has lost its leading zeros.
Result<std::string> read_code(const TextField& sent) {
  std::string code(trim(sent.view()));
  if (sent.is_number() && code.size() < kCodeDigits) code.insert(0, kCodeDigits - code.size(), '0');
  const bool digits = std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  if (digits && code.size() == kCodeDigits) return code;
  return fail(ErrorCode::invalid,
              fmt::format("code must be the {} digits of the mail.", kCodeDigits));
}

struct MailFields {
  std::string_view email;
  TextField code;
  std::optional<bool> revoke;
};
constexpr Field<MailFields> kEmailRead{"email", read_member<&MailFields::email>};
constexpr Field<MailFields> kCodeRead{"code", read_member<&MailFields::code>};
constexpr Field<MailFields> kEmailReads[] = {kEmailRead};
constexpr Field<MailFields> kCodeReads[] = {kCodeRead};
constexpr Field<MailFields> kConfirmReads[] = {
    kEmailRead,
    kCodeRead,
    {"revoke", read_member<&MailFields::revoke>},
};
static_assert(reads_as_told<MailFields>(kEmailReads, kEmailFields));
static_assert(reads_as_told<MailFields>(kCodeReads, kCodeFields));
static_assert(reads_as_told<MailFields>(kConfirmReads, kConfirmFields));

struct Sent {
  std::string email;
  std::string code;
  bool revoke = false;
};

enum class Wanted : std::uint8_t { email, code, both };
std::span<const Field<MailFields>> fields_of(Wanted wanted) {
  switch (wanted) {
    case Wanted::email:
      return kEmailReads;
    case Wanted::code:
      return kCodeReads;
    case Wanted::both:
      break;
  }
  return kConfirmReads;
}

Result<Sent> read_sent(Call& call, Wanted wanted) {
  FieldReader reader;
  MailFields in;
  if (auto ok = read_body(call, reader, part(fields_of(wanted), in)); !ok) {
    return std::unexpected(ok.error());
  }
  Sent out;
  out.revoke = in.revoke.value_or(false);
  if (wanted != Wanted::code) {
    auto address = core::normalise_email(in.email);
    if (!address) return std::unexpected(address.error());
    out.email = std::move(*address);
  }
  if (wanted != Wanted::email) {
    auto digits = read_code(in.code);
    if (!digits) return std::unexpected(digits.error());
    out.code = std::move(*digits);
  }
  return out;
}

// Whether one more mail may go to this address; counts it. Nobody is told: that an address gets no
// more says that it got some, and so that it belongs to an account here.
bool take_mail(const Asker& who, std::string_view email) {
  return who.services.mailer->take(email, who.shard.now().steady) == 0;
}

// A code that is being tried: the answer, and what it will say.
struct Trying {
  Answer answer;
  Asker asker;
  std::string body = "{\"ok\":true}";
  bool refused = false;
};

// decide(directory, wall) -> CodeTried. A refusal is told as soon as it is decided: waiting for the
// disk, as only the code of an account that exists has to, would tell that there is one.
template <class Decide>
void try_code(Call& call, const std::shared_ptr<Trying>& trying, Decide decide) {
  hub::Hub& hub = call.services.hub;
  const std::uint32_t here = call.shard.number();
  hub.accounts().change(
      here,
      [&hub, here, trying, decide = std::move(decide)](const Directory& directory,
                                                       Millis wall) mutable -> Changes {
        CodeTried tried = decide(directory, wall);
        if (tried.error) {
          trying->refused = true;
          hub.post(here, [trying, error = std::move(*tried.error)] {
            trying->answer.error(
                error.code == ErrorCode::unauthorized ? wrong_secret(trying->asker, error) : error);
          });
        }
        return std::move(tried.changes);
      },
      [trying](const Result<void>& done) {
        if (trying->refused) return;
        if (!done) return trying->answer.error(done.error());
        trying->answer.json(trying->body);
      });
}

void send_code(const Services& services, const std::string& email, Purpose purpose,
               std::string_view code, Millis wall) {
  if (services.mailer->send_code(email, purpose, code, wall)) return;
  log(LogLevel::warning, "mail not sent", {{"reason", "too many mails wait to be sent"}});
}

}  // namespace

void attach_email(Call& call) {
  if (call.services.mailer == nullptr) return call.answer.error(no_mail());
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  auto sent = read_sent(call, Wanted::email);
  if (!sent) return call.answer.error(sent.error());
  const Asker who = asker(call);
  if (auto ok = take_limit(who, hub::Limited::account); !ok) return call.answer.error(ok.error());
  const Millis wait = call.services.mailer->take(*account, who.shard.now().steady);
  if (wait > 0) return call.answer.error(too_many_mails(wait));
  const bool mailed = take_mail(who, sent->email);
  const std::string code = new_code();
  const Digest mac = mac_of(call.services, Purpose::attach, sent->email, code);
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.services.hub.accounts().change(
      call.shard.number(),
      [account = std::move(*account), email = sent->email, mac](const Directory& directory,
                                                                Millis wall) {
        return directory.attach_email(account, email, mac, wall);
      },
      [answer, who, mailed, email = sent->email, code](const Result<void>& done) {
        if (!done) return answer->error(done.error());
        if (mailed) send_code(who.services, email, Purpose::attach, code, who.shard.now().wall);
        answer->json(
            fmt::format("{{\"ok\":true,\"notice\":\"A code is on its way to this address: POST "
                        "/api/account/email/verify with it. {}\"}}",
                        kMailsNotice));
      });
}

void verify_email(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  auto sent = read_sent(call, Wanted::code);
  if (!sent) return call.answer.error(sent.error());
  auto trying = std::make_shared<Trying>(std::move(call.answer), asker(call));
  try_code(call, trying,
           [&services = call.services, account = std::move(*account), code = std::move(sent->code)](
               const Directory& directory, Millis wall) {
             const core::AccountRecord* record = directory.find_account(account);
             const bool pending = record != nullptr && record->code.has_value();
             const std::string email = pending ? record->code->email : std::string();
             return directory.verify_email(account, mac_of(services, Purpose::attach, email, code),
                                           wall);
           });
}

void detach_email(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.services.hub.accounts().change(
      call.shard.number(),
      [account = std::move(*account)](const Directory& directory, Millis) {
        return directory.detach_email(account);
      },
      [answer](const Result<void>& done) {
        if (!done) return answer->error(done.error());
        answer->json("{\"ok\":true}");
      });
}

// Answered before anybody has looked whether there is such an account.
void recover_by_email(Call& call) {
  if (call.services.mailer == nullptr) return call.answer.error(no_mail());
  const auto sent = read_sent(call, Wanted::email);
  if (!sent) return call.answer.error(sent.error());
  const Asker who = asker(call);
  if (auto ok = take_limit(who, hub::Limited::account); !ok) return call.answer.error(ok.error());
  call.answer.json(fmt::format(
      "{{\"ok\":true,\"notice\":\"If an account has this address, a code is on its way to "
      "it: POST /api/account/recover/email/confirm with address and code. {}\"}}",
      kMailsNotice));
  if (!take_mail(who, sent->email)) return;  // the code of the last mail stays good

  const std::string code = new_code();
  const Digest mac = mac_of(call.services, Purpose::recover, sent->email, code);
  auto known = std::make_shared<bool>(false);
  call.services.hub.accounts().change(
      call.shard.number(),
      [known, email = sent->email, mac](const Directory& directory, Millis wall) -> Changes {
        auto begun = directory.begin_email_recovery(email, mac, wall);
        if (!begun) return core::DirectoryChanges{};
        *known = true;
        return std::move(*begun);
      },
      [known, who, email = sent->email, code](const Result<void>& done) {
        if (!done || !*known) return;
        send_code(who.services, email, Purpose::recover, code, who.shard.now().wall);
      });
}

void confirm_recovery(Call& call) {
  const Asker who = asker(call);
  if (auto ok = may_guess(who); !ok) return call.answer.error(ok.error());
  auto sent = read_sent(call, Wanted::both);
  if (!sent) return call.answer.error(sent.error());
  const Secret recovery = mint_secret(kRecoveryPrefix, random_source());
  const Secret session = mint_secret(kSessionPrefix, random_source());
  const Digest mac = mac_of(call.services, Purpose::recover, sent->email, sent->code);
  auto trying = std::make_shared<Trying>(std::move(call.answer), who);
  try_code(call, trying,
           [trying, sent = std::move(*sent), mac, recovery, session](const Directory& directory,
                                                                     Millis wall) {
             CodeTried tried = directory.confirm_email_recovery(sent.email, mac, recovery.hash,
                                                                session.hash, sent.revoke, wall);
             trying->body.clear();
             JsonWriter json(trying->body);
             json.begin_object().field("account_id", tried.account);
             json.field("session_token", session.text).field("recovery_token", recovery.text);
             json.field("notice",
                        "The recovery_token is shown this once; the one before it has ended.");
             json.end_object();
             return tried;
           });
}

}  // namespace rogerthat::api
