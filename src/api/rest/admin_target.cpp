#include "api/rest/admin_target.h"

#include <fmt/format.h>

#include "api/http/told_fields.h"
#include "base/utf8.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

constexpr int kV4Bits = 96;
constexpr int kWidestV4 = kV4Bits + 8;
constexpr int kWidestV6 = 16;
constexpr std::string_view kAccountPrefix = "acc_";

constexpr Field<TargetFields> kTargetReads[] = {
    {"channel", read_member<&TargetFields::channel>},
    {"reason", read_member<&TargetFields::reason>},
    // An act on a place alone has none of these.
    {"callsign", read_member<&TargetFields::callsign>},
    {"identity", read_member<&TargetFields::identity>},
    {"address", read_member<&TargetFields::address>},
};
constexpr std::size_t kPlaceFields = 2;
static_assert(reads_as_told<TargetFields>(kTargetReads, kActFields));
static_assert(reads_as_told<TargetFields>(std::span(kTargetReads).first(kPlaceFields),
                                          kStopFields));

Result<std::string> read_callsign(std::string_view field, std::string_view sent) {
  std::string callsign = core::normalise_callsign(sent);
  if (core::is_valid_callsign(callsign)) return callsign;
  return fail(ErrorCode::invalid, fmt::format("{} must match {}.", field, core::kCallsignPattern));
}

Result<std::string> read_identity(std::string_view sent) {
  const std::string_view identity = trim(sent);
  if (identity.starts_with(kAccountPrefix)) return std::string(identity);
  return read_callsign("identity", identity);
}

Result<ActFields> placed_fields(const TargetFields& in) {
  ActFields out;
  out.target.channel = trim(in.channel.view());
  if (in.channel.present() && out.target.channel.empty()) {
    return fail(ErrorCode::invalid, "channel is empty.",
                "Leave it out to mean the whole server, or name the channel.");
  }
  out.reason = trim(in.reason);
  if (auto ok = core::check_reason(out.reason); !ok) return std::unexpected(ok.error());
  return out;
}

}  // namespace

std::span<const Field<TargetFields>> place_fields() {
  return std::span(kTargetReads).first<kPlaceFields>();
}

std::span<const Field<TargetFields>> act_fields() {
  return kTargetReads;
}

Result<ActFields> read_place(const TargetFields& in) {
  return placed_fields(in);
}

Result<ActFields> read_act(const TargetFields& in) {
  const int named =
      (in.callsign.present() ? 1 : 0) + (in.identity.present() ? 1 : 0) + (in.address ? 1 : 0);
  if (named != 1) {
    return fail(ErrorCode::invalid, "Name one of callsign, identity and address.",
                "{\"callsign\": \"…\"}, with \"channel\" where it is meant there only.");
  }
  auto out = placed_fields(in);
  if (!out) return out;
  core::Target& target = out->target;
  Result<std::string> name;
  if (in.callsign.present()) {
    target.kind = core::TargetKind::callsign;
    name = read_callsign("callsign", in.callsign.view());
  } else if (in.identity.present()) {
    target.kind = core::TargetKind::identity;
    name = read_identity(in.identity.view());
  } else {
    target.kind = core::TargetKind::address;
    const auto network = read_network(*in.address);
    if (!network) return std::unexpected(network.error());
    target.network = *network;
    name = network_text(*network);
  }
  if (!name) return std::unexpected(name.error());
  target.name = std::move(*name);
  return out;
}

Result<core::Network> read_network(std::string_view text) {
  const auto parsed = net::IpNetwork::parse(trim(text));
  if (!parsed) {
    return fail(ErrorCode::invalid,
                "address must be an IP address or a network, like 203.0.113.7 or 2001:db8::/48.");
  }
  const core::Network network =
      core::counted_network(parsed->base.bytes, static_cast<std::uint8_t>(parsed->prefix));
  const bool v4 = core::is_v4(network.base) && network.prefix >= kV4Bits;
  if (network.prefix < (v4 ? kWidestV4 : kWidestV6)) {
    return fail(ErrorCode::invalid,
                fmt::format("address: a network is /{} at its widest.",
                            v4 ? kWidestV4 - kV4Bits : kWidestV6),
                "Name several smaller ones.");
  }
  return network;
}

std::string network_text(const core::Network& network) {
  std::string base = net::IpAddress{network.base}.to_string();
  if (!core::is_v4(network.base)) return fmt::format("{}/{}", base, network.prefix);
  if (network.prefix == 128) return base;
  return fmt::format("{}/{}", base, network.prefix - kV4Bits);
}

void write_ban(JsonWriter& json, const core::Ban& ban) {
  json.begin_object();
  json.field(core::to_string(ban.target.kind), ban.target.name);
  if (!ban.target.channel.empty()) json.field("channel", ban.target.channel);
  if (!ban.reason.empty()) json.field("reason", ban.reason);
  json.field("created_at", ban.created_at);
  json.end_object();
}

// There is one token, so "who" is whoever held it.
void write_audit_entry(JsonWriter& json, const core::AuditEntry& entry) {
  json.begin_object();
  json.field("id", entry.no).field("at", entry.at);
  json.field("by", "admin token").field("act", core::to_string(entry.act));
  if (entry.target_kind) json.field(core::to_string(*entry.target_kind), entry.target);
  if (!entry.channel.empty()) json.field("channel", entry.channel);
  if (!entry.reason.empty()) json.field("reason", entry.reason);
  if (entry.sessions > 0) json.field("sessions", entry.sessions);
  json.end_object();
}

}  // namespace rogerthat::api
