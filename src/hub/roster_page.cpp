#include "hub/roster_page.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/names.h"
#include "hub/message_json.h"

namespace rogerthat::hub {

namespace {

// No callsign begins like this: those who are away follow those who are on, by member number.
constexpr char kAwayMark = '-';

std::optional<core::MemberNo> away_from(std::string_view after) {
  core::MemberNo from = 0;
  const auto [end, error] = std::from_chars(after.data() + 1, after.data() + after.size(), from);
  if (error != std::errc() || end != after.data() + after.size()) return std::nullopt;
  return from;
}

void add_live(RosterPage& page, const core::Channel& channel, std::size_t limit,
              std::string_view after) {
  const auto& live = channel.live_sorted();
  const auto callsign = [&](core::MemberNo no) { return channel.callsign_of(no); };
  const auto* const first =
      after.empty() ? live.begin() : std::ranges::upper_bound(live, after, {}, callsign);
  const std::size_t count = std::min(limit, static_cast<std::size_t>(live.end() - first));
  page.members.assign(first, first + static_cast<std::ptrdiff_t>(count));
  const bool more = first + count != live.end() || channel.member_count() > channel.agent_count();
  if (page.members.size() == limit && more) page.next = callsign(page.members.back());
}

void add_away(RosterPage& page, const core::Channel& channel, std::size_t limit,
              core::MemberNo from) {
  for (core::MemberNo no = from; no < channel.member_slots(); ++no) {
    if (!channel.member(no).in_use || channel.online(no)) continue;
    if (page.members.size() == limit) {
      page.next = fmt::format("{}{}", kAwayMark, no);
      return;
    }
    page.members.push_back(no);
  }
}

// Places in join order are told by member number, once for all: a look-up each would be quadratic.
void find_places(RosterPage& page, const core::Channel& channel) {
  std::vector<bool> wanted(channel.member_slots());
  for (const core::MemberNo no : page.members) wanted[no] = true;
  std::size_t place = 0;
  for (const core::SessionNo session : channel.join_order()) {
    ++place;
    if (wanted[channel.session(session).member]) page.live.emplace_back(place, session);
  }
}

}  // namespace

std::optional<RosterPage> roster_page(const core::Channel& channel, std::size_t limit,
                                      std::string_view after) {
  RosterPage page;
  if (after.starts_with(kAwayMark)) {
    const auto from = away_from(after);
    if (!from) return std::nullopt;
    add_away(page, channel, limit, *from);
  } else {
    if (!after.empty() && !core::is_valid_callsign(after)) return std::nullopt;
    add_live(page, channel, limit, after);
    if (page.next.empty()) add_away(page, channel, limit, 0);
  }
  std::ranges::sort(page.members, {}, [&](core::MemberNo no) { return channel.callsign_of(no); });
  find_places(page, channel);
  return page;
}

void write_rosters(JsonWriter& json, const core::Channel& channel, const RosterPage& page) {
  std::vector<std::pair<core::MemberNo, std::size_t>> places;
  places.reserve(page.live.size());
  json.begin_object();
  json.key("roster").begin_array();
  for (const core::MemberNo no : page.members) {
    if (channel.online(no)) json.value(channel.callsign_of(no));
  }
  json.end_array();
  json.key("roster_with_index").begin_array();
  for (const auto& [place, session] : page.live) {
    write_live(json, channel, channel.session(session), place);
    places.emplace_back(channel.session(session).member, place);
  }
  json.end_array();
  std::ranges::sort(places);
  json.key("roster_all").begin_array();
  for (const core::MemberNo no : page.members) {
    json.begin_object();
    json.field("callsign", channel.callsign_of(no));
    json.field("online", channel.online(no));
    if (channel.online(no)) {
      const auto at =
          std::ranges::lower_bound(places, no, {}, &decltype(places)::value_type::first);
      json.field("idx", static_cast<std::uint64_t>(at->second));
    } else {
      json.null_field("idx");
    }
    json.end_object();
  }
  json.end_array();
  json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.field("total", static_cast<std::uint64_t>(channel.member_count()));
  if (!page.next.empty()) json.field("next", page.next);
  json.end_object();
}

}  // namespace rogerthat::hub
