#include "api/rest/admin.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "api/access/admin_token.h"
#include "api/rest/admin_target.h"
#include "api/rest/operations.h"
#include "hub/message_json.h"
#include "hub/on_shards.h"
#include "watch/overview.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kPage = 100;
constexpr std::size_t kPageMax = 1'000;

// --------------------------------------------------------------------------------------- channels

// A place in the list: what was active last comes first, then by id.
struct ListPosition {
  Millis active = std::numeric_limits<Millis>::max();
  std::string id;
};
bool comes_before(Millis active, std::string_view id, Millis other_active,
                  std::string_view other_id) {
  return active != other_active ? active > other_active : id < other_id;
}

// "<ms>.<id>", as an earlier page gave it.
Result<ListPosition> read_cursor(const Call& call) {
  const auto text = call.request.query_parameter("cursor");
  if (!text || text->empty()) return ListPosition{};
  ListPosition place;
  const char* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, place.active);
  if (error != std::errc() || at == end || *at != '.') {
    return fail(ErrorCode::invalid, "cursor must be the `next` of an earlier answer.",
                "Leave it out for the first page.");
  }
  place.id.assign(at + 1, end);
  return place;
}

struct ChannelRow {
  Millis active = 0;
  std::string id;
  std::string json;
};

struct ChannelListing {
  Answer answer;
  ListPosition after;
  std::size_t limit = 0;
  std::size_t total = 0;
  std::vector<ChannelRow> rows;
};

Millis active_at(const hub::ChannelEntry& entry) {
  return std::max(
      {entry.channel.last_activity_at(), entry.record.last_activity_at, entry.record.created_at});
}

void write_any_channel(std::string& out, const hub::ChannelEntry& entry) {
  const core::Channel& channel = entry.channel;
  JsonWriter json(out);
  json.begin_object();
  json.field("id", entry.record.id);
  json.field("retention", core::to_string(entry.record.options.retention));
  json.field("trust_mode", core::to_string(entry.record.options.trust_mode));
  json.key("roster");
  hub::write_roster(json, channel, core::kRosterShown);
  json.field("agent_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.field("message_count", static_cast<std::uint64_t>(channel.ring().size()));
  if (channel.first_joined_at() == 0) {
    json.null_field("first_joined_at");
  } else {
    json.field("first_joined_at", channel.first_joined_at());
  }
  json.field("last_activity_at", active_at(entry));
  json.end_object();
}

// A page has room for what comes first on this shard, and one more that says there are others.
void list_shard(ChannelListing& listing, hub::Shard& shard) {
  struct Candidate {
    Millis active = 0;
    const hub::ChannelEntry* entry = nullptr;
  };
  const auto before = [](const Candidate& a, const Candidate& b) {
    return comes_before(a.active, a.entry->record.id, b.active, b.entry->record.id);
  };
  std::vector<Candidate> first;  // a heap: the last of them at its front
  shard.each_channel([&](const hub::ChannelEntry& entry) {
    if (entry.record.options.inbox) return;
    ++listing.total;
    const Candidate candidate{active_at(entry), &entry};
    if (!comes_before(listing.after.active, listing.after.id, candidate.active, entry.record.id)) {
      return;
    }
    first.push_back(candidate);
    std::ranges::push_heap(first, before);
    if (first.size() <= listing.limit + 1) return;
    std::ranges::pop_heap(first, before);
    first.pop_back();
  });
  for (const Candidate& candidate : first) {
    ChannelRow row{candidate.active, candidate.entry->record.id, {}};
    write_any_channel(row.json, *candidate.entry);
    listing.rows.push_back(std::move(row));
  }
}

void answer_listing(const std::shared_ptr<ChannelListing>& listing) {
  auto& rows = listing->rows;
  std::ranges::sort(rows, [](const ChannelRow& a, const ChannelRow& b) {
    return comes_before(a.active, a.id, b.active, b.id);
  });
  const bool more = rows.size() > listing->limit;
  if (more) rows.resize(listing->limit);
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object().key("channels").begin_array();
  for (const ChannelRow& row : rows) json.raw(row.json);
  json.end_array();
  json.field("total", static_cast<std::uint64_t>(listing->total));
  if (more) json.field("next", fmt::format("{}.{}", rows.back().active, rows.back().id));
  json.end_object();
  listing->answer.json(body);
}

}  // namespace

Result<void> authorise_admin(Call& call) {
  const auto& hash = call.services.options.admin_token;
  if (!hash) {
    return fail(ErrorCode::forbidden, "admin disabled",
                "The operator turns it on with ROGERTHAT_ADMIN_TOKEN or --admin-token.");
  }
  const auto token = bearer(call.headers.authorization);
  if (!token) {
    return fail(ErrorCode::unauthorized, "This asks for the admin token.",
                "Send 'Authorization: Bearer <admin token>'.");
  }
  return require_admin_token(asker(call), *token, *hash);
}

void admin_channels(Call& call) {
  auto after = read_cursor(call);
  if (!after) return call.answer.error(after.error());
  const std::size_t limit = count_parameter(call, "limit", kPage, kPageMax);
  auto listing = std::make_shared<ChannelListing>(
      ChannelListing{std::move(call.answer), std::move(*after), limit, 0, {}});
  on_every_shard(call.services.hub, call.shard.number(), std::move(listing), list_shard,
                 answer_listing);
}

void admin_overview(Call& call) {
  const Services& services = call.services;
  gather_metrics(services, call.shard,
                 [answer = std::make_shared<Answer>(std::move(call.answer)),
                  &services](const watch::MetricsInput& input) {
                   const watch::Rates rates = services.rates->measure(input, read_clocks().steady);
                   const std::size_t bans = services.hub.bans().read(
                       [](const core::BanBook& book) { return book.size(); });
                   answer->json(watch::overview_json(input, rates, services.started.wall, bans));
                 });
}

void admin_bans(Call& call) {
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object().key("bans").begin_array();
  call.services.hub.bans().read([&](const core::BanBook& book) {
    for (const core::Ban* ban : book.all()) write_ban(json, *ban);
  });
  json.end_array().end_object();
  call.answer.json(body);
}

void admin_audit(Call& call) {
  const auto before = id_parameter(call, "before");
  if (!before) return call.answer.error(before.error());
  const std::size_t limit = count_parameter(call, "limit", kPage, kPageMax);
  const std::uint64_t end = before->value_or(0) > 0 ? static_cast<std::uint64_t>(**before)
                                                    : std::numeric_limits<std::uint64_t>::max();
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object().key("audit").begin_array();
  call.services.hub.audit().read([&](const core::AuditLog& log) {
    for (const core::AuditEntry* entry : log.newest(limit, end)) write_audit_entry(json, *entry);
  });
  json.end_array().end_object();
  call.answer.json(body);
}

}  // namespace rogerthat::api
