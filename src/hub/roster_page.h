// The roster by pages: who is on, by callsign, then who has been, in the order in which they first
// came. A channel remembers tens of thousands; a page costs what it holds, and one pass over the
// places in join order.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "core/channel.h"

namespace rogerthat::hub {

struct RosterPage {
  std::vector<core::MemberNo> members;                        // by callsign
  std::vector<std::pair<std::size_t, core::SessionNo>> live;  // of them, with places; in join order
  std::string next;  // where the next page begins; empty: this is the last one
};

// `after`: the `next` of an earlier page; empty: from the beginning. Nothing where it is neither.
std::optional<RosterPage> roster_page(const core::Channel& channel, std::size_t limit,
                                      std::string_view after);

// {roster, roster_with_index, roster_all, roster_count, total, next?}
void write_rosters(JsonWriter& json, const core::Channel& channel, const RosterPage& page);

}  // namespace rogerthat::hub
