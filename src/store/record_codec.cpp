#include "store/record_codec.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "store/bytes.h"

namespace rogerthat::store {

namespace {

// A record is its format and then its fields in the order they are declared, without its name.
constexpr std::uint8_t kRecordFormat = 1;
constexpr std::size_t kRecordSizeExpected = 160;
constexpr std::size_t kSessionSizeMin = 34;

std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool read_digest(ByteReader& in, Digest& out) {
  const std::string_view bytes = in.text();
  if (bytes.size() != out.size()) return false;
  std::ranges::copy(bytes, out.begin());
  return true;
}

RecordChange encode(const core::AccountRecord& account) {
  ByteWriter out(kRecordSizeExpected);
  out.byte(kRecordFormat);
  out.signed_number(account.created_at);
  out.text(view(account.recovery_hash));
  out.number(account.sessions.size());
  for (const core::AccountSession& session : account.sessions) {
    out.text(view(session.token_hash));
    out.signed_number(session.last_used);
  }
  out.text(account.email);
  out.byte(account.code ? 1 : 0);
  if (account.code) {
    out.byte(static_cast<std::uint8_t>(account.code->purpose));
    out.text(account.code->email);
    out.text(view(account.code->mac));
    out.signed_number(account.code->until);
    out.number(account.code->tries_left);
  }
  return {RecordKind::account, account.id, out.take()};
}

RecordChange encode(const core::AccountRemoved& removed) {
  return {RecordKind::account, removed.id, std::nullopt};
}

RecordChange encode(const core::IdentityRecord& identity) {
  ByteWriter out(kRecordSizeExpected);
  out.byte(kRecordFormat);
  out.text(identity.account);
  out.text(view(identity.key_hash));
  out.signed_number(identity.created_at);
  out.number(identity.blocked.size());
  for (const std::string& sender : identity.blocked) out.text(sender);
  return {RecordKind::identity, identity.callsign, out.take()};
}

bool read_code(ByteReader& in, core::EmailCode& code) {
  const std::uint8_t purpose = in.byte();
  if (purpose > static_cast<std::uint8_t>(core::EmailCode::Purpose::recover)) return false;
  code.purpose = static_cast<core::EmailCode::Purpose>(purpose);
  code.email = in.text();
  if (!read_digest(in, code.mac)) return false;
  code.until = in.signed_number();
  code.tries_left = static_cast<unsigned>(in.number());
  return true;
}

}  // namespace

std::unexpected<Error> damaged_record(std::string_view what, std::string_view name) {
  return fail(ErrorCode::internal,
              fmt::format("the record of the {} {} in the database makes no sense", what, name),
              "restore a backup of the data directory");
}

RecordChange encode_change(const core::DirectoryChange& change) {
  return std::visit([](const auto& each) { return encode(each); }, change);
}

Result<core::AccountRecord> decode_account(std::string_view id, std::string_view data) {
  ByteReader in(data);
  core::AccountRecord account;
  account.id = id;
  bool ok = in.byte() == kRecordFormat;
  account.created_at = in.signed_number();
  ok = read_digest(in, account.recovery_hash) && ok;
  account.sessions.resize(in.count(kSessionSizeMin));
  for (core::AccountSession& session : account.sessions) {
    ok = read_digest(in, session.token_hash) && ok;
    session.last_used = in.signed_number();
  }
  account.email = in.text();
  if (in.flags(1) != 0) {
    account.code.emplace();
    ok = read_code(in, *account.code) && ok;
  }
  if (!ok || !in.ok() || !in.at_end()) return damaged_record("account", id);
  return account;
}

Result<core::IdentityRecord> decode_identity(std::string_view callsign, std::string_view data) {
  ByteReader in(data);
  core::IdentityRecord identity;
  identity.callsign = callsign;
  bool ok = in.byte() == kRecordFormat;
  identity.account = in.text();
  ok = read_digest(in, identity.key_hash) && ok;
  identity.created_at = in.signed_number();
  identity.blocked.resize(in.count(1));
  for (std::string& sender : identity.blocked) sender = in.text();
  if (!ok || !in.ok() || !in.at_end()) return damaged_record("identity", callsign);
  return identity;
}

}  // namespace rogerthat::store
