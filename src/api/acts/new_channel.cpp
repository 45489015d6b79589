// What a creation asks for: every field, its bounds and its default.
#include <cmath>

#include <fmt/format.h>

#include "api/acts/creation.h"
#include "api/http/told_fields.h"
#include "base/utf8.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kMintedPasswordBytes = 12;

constexpr Field<CreateFields> kCreateReads[] = {
    {"retention", read_member<&CreateFields::retention>},
    {"trust_mode", read_member<&CreateFields::trust_mode>},
    {"require_identity", read_member<&CreateFields::require_identity>},
    {"owner_password", read_member<&CreateFields::owner_password>},
    {"session_ttl_seconds", read_member<&CreateFields::session_ttl_seconds>},
    {"durable", read_member<&CreateFields::durable>},
    {"ring_size", read_member<&CreateFields::ring_size>},
    {"on_collision", read_member<&CreateFields::on_collision>},
    {"loop_guard", read_member<&CreateFields::loop_guard>},
};
static_assert(reads_as_told<CreateFields>(kCreateReads, kCreateFields));

template <class Enum>
void choose(FieldReader& reader, std::string_view name, std::optional<std::string_view> sent,
            std::optional<Enum> (*parse)(std::string_view), std::string_view choices, Enum& out) {
  if (!sent) return;
  if (const auto value = parse(*sent)) {
    out = *value;
  } else {
    reader.complain(fmt::format("{} must be one of {}.", name, choices));
  }
}

void read_ttl(FieldReader& reader, std::optional<double> sent, Millis& out) {
  if (!sent) return;
  const double milliseconds = *sent * kSecond;
  if (!(*sent > 0) || milliseconds > static_cast<double>(core::kSessionTtlMax)) {
    reader.complain(fmt::format("session_ttl_seconds must be above 0 and at most {}.",
                                core::kSessionTtlMax / kSecond));
    return;
  }
  out = std::max<Millis>(1, std::llround(milliseconds));
}

void read_ring_size(FieldReader& reader, std::optional<std::int64_t> sent, std::uint32_t& out) {
  if (!sent) return;
  constexpr auto kMin = static_cast<std::int64_t>(core::kRingSizeMin);
  constexpr auto kMax = static_cast<std::int64_t>(core::kRingSizeMax);
  if (*sent < kMin || *sent > kMax) {
    reader.complain(fmt::format("ring_size must be a whole number from {} to {}.", kMin, kMax));
    return;
  }
  out = static_cast<std::uint32_t>(*sent);
}

std::string read_password(FieldReader& reader, std::optional<std::string_view> sent) {
  const std::string_view password = trim(sent.value_or(""));
  if (password.empty()) return {};
  const std::size_t length = count_code_points(password);
  if (length < core::kOwnerPasswordLengthMin || length > core::kOwnerPasswordLengthMax) {
    reader.complain(fmt::format("owner_password must have {} to {} characters.",
                                core::kOwnerPasswordLengthMin, core::kOwnerPasswordLengthMax));
  }
  return std::string(password);
}

void apply_mode(const core::Mode& mode, core::ChannelOptions& options) {
  options.retention = mode.retention;
  options.trust_mode = mode.trust_mode;
  options.require_identity = mode.require_identity;
  options.session_ttl = mode.session_ttl;
}

}  // namespace

std::span<const Field<CreateFields>> create_fields() {
  return kCreateReads;
}

Result<NewChannel> read_new_channel(FieldReader& reader, const CreateFields& in,
                                    const core::Mode* mode, Random& random) {
  NewChannel out;
  core::ChannelOptions& options = out.options;
  if (mode != nullptr) apply_mode(*mode, options);

  choose(reader, "retention", in.retention, core::parse_retention, "none, metadata, prompts, full",
         options.retention);
  choose(reader, "trust_mode", in.trust_mode, core::parse_trust_mode, "untrusted, trusted",
         options.trust_mode);
  choose(reader, "on_collision", in.on_collision, core::parse_on_collision, "merge, reject, rename",
         options.on_collision);
  choose(reader, "loop_guard", in.loop_guard, core::parse_loop_guard, "warn, block, off",
         options.loop_guard);
  read_ttl(reader, in.session_ttl_seconds, options.session_ttl);
  read_ring_size(reader, in.ring_size, options.ring_size);
  out.owner_password = read_password(reader, in.owner_password);
  options.require_identity = in.require_identity.value_or(options.require_identity);
  options.durable = in.durable.value_or(options.retention == core::Retention::full);

  if (out.owner_password.empty() && mode != nullptr && mode->mints_owner_password) {
    out.owner_password = random.token(kMintedPasswordBytes);
  }
  options.has_owner_password = !out.owner_password.empty();
  if (options.trust_mode == core::TrustMode::trusted && !options.require_identity &&
      !options.has_owner_password) {
    reader.complain(
        "trust_mode trusted needs require_identity or an owner_password: without either, anybody "
        "with the token would be trusted.",
        "Add \"owner_password\" or \"require_identity\": true, or leave trust_mode out.");
  }
  if (reader.error()) return std::unexpected(*reader.error());
  return out;
}

}  // namespace rogerthat::api
