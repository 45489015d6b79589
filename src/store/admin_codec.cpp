#include "store/admin_codec.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "store/bytes.h"
#include "store/record_codec.h"

namespace rogerthat::store {

namespace {

// A record is its format and then its fields in the order they are declared, without its key.
constexpr std::uint8_t kAdminFormat = 1;
constexpr std::size_t kAdminSizeExpected = 96;
constexpr std::uint8_t kPrefixMax = 128;

bool read_kind(ByteReader& in, core::TargetKind& kind) {
  const std::uint8_t value = in.byte();
  kind = static_cast<core::TargetKind>(value);
  return value <= static_cast<std::uint8_t>(core::TargetKind::address);
}

bool read_address(ByteReader& in, core::AddressBytes& address) {
  const std::string_view bytes = in.text();
  if (bytes.size() != address.size()) return false;
  std::ranges::copy(bytes, address.begin());
  return true;
}

std::string audit_key(std::uint64_t no) {
  return fmt::format("{:020}", no);
}

}  // namespace

RecordChange encode_ban(const core::Ban& ban) {
  ByteWriter out(kAdminSizeExpected);
  out.byte(kAdminFormat);
  out.byte(static_cast<std::uint8_t>(ban.target.kind));
  out.text(ban.target.name);
  const core::AddressBytes& base = ban.target.network.base;
  out.text({reinterpret_cast<const char*>(base.data()), base.size()});
  out.byte(ban.target.network.prefix);
  out.text(ban.target.channel);
  out.text(ban.reason);
  out.signed_number(ban.created_at);
  return {RecordKind::ban, core::target_key(ban.target), out.take()};
}

RecordChange remove_ban(const core::Target& target) {
  return {RecordKind::ban, core::target_key(target), std::nullopt};
}

Result<core::Ban> decode_ban(std::string_view key, std::string_view data) {
  ByteReader in(data);
  core::Ban ban;
  bool ok = in.byte() == kAdminFormat;
  ok = read_kind(in, ban.target.kind) && ok;
  ban.target.name = in.text();
  ok = read_address(in, ban.target.network.base) && ok;
  ban.target.network.prefix = in.byte();
  ban.target.channel = in.text();
  ban.reason = in.text();
  ban.created_at = in.signed_number();
  ok = ok && ban.target.network.prefix <= kPrefixMax;
  if (!ok || !in.ok() || !in.at_end() || core::target_key(ban.target) != key) {
    return damaged_record("ban", key);
  }
  return ban;
}

RecordChange encode_audit(const core::AuditEntry& entry) {
  ByteWriter out(kAdminSizeExpected);
  out.byte(kAdminFormat);
  out.signed_number(entry.at);
  out.byte(static_cast<std::uint8_t>(entry.act));
  out.byte(entry.target_kind ? 1 : 0);
  if (entry.target_kind) out.byte(static_cast<std::uint8_t>(*entry.target_kind));
  out.text(entry.target);
  out.text(entry.channel);
  out.text(entry.reason);
  out.number(entry.sessions);
  return {RecordKind::audit, audit_key(entry.no), out.take()};
}

RecordChange remove_audit(std::uint64_t no) {
  return {RecordKind::audit, audit_key(no), std::nullopt};
}

Result<core::AuditEntry> decode_audit(std::string_view key, std::string_view data) {
  core::AuditEntry entry;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), entry.no);
  ByteReader in(data);
  bool ok = error == std::errc() && end == key.data() + key.size() && in.byte() == kAdminFormat;
  entry.at = in.signed_number();
  const std::uint8_t act = in.byte();
  entry.act = static_cast<core::Act>(act);
  ok = ok && act <= static_cast<std::uint8_t>(core::Act::stop);
  if (in.flags(1) != 0) ok = read_kind(in, entry.target_kind.emplace()) && ok;
  entry.target = in.text();
  entry.channel = in.text();
  entry.reason = in.text();
  entry.sessions = in.number();
  if (!ok || !in.ok() || !in.at_end()) return damaged_record("audit entry", key);
  return entry;
}

}  // namespace rogerthat::store
