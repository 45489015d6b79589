// Whom an act of the operator means, as a request names it. Reading that, and writing
// bans and entries of the audit log. No state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/http/body.h"
#include "base/error.h"
#include "base/json.h"
#include "core/audit.h"
#include "core/bans.h"
#include "net/address.h"

namespace rogerthat::api {

// As sent. Views into the document.
struct TargetFields {
  TextField callsign, identity, channel;
  std::optional<std::string_view> address;
  std::string_view reason;
};
std::span<const Field<TargetFields>> act_fields();
std::span<const Field<TargetFields>> place_fields();  // channel and reason alone

struct ActFields {
  core::Target target;
  std::string reason;
};
// Exactly one of callsign, identity and address; channel and reason as they like.
Result<ActFields> read_act(const TargetFields& fields);
Result<ActFields> read_place(const TargetFields& fields);

// A network as it counts: an address of IPv6 stands for its /64. Too wide ones are refused: they
// are mistakes more often than not.
Result<core::Network> read_network(std::string_view text);
std::string network_text(const core::Network& network);

void write_ban(JsonWriter& json, const core::Ban& ban);
void write_audit_entry(JsonWriter& json, const core::AuditEntry& entry);

}  // namespace rogerthat::api
