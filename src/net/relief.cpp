#include "net/relief.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/server_loop.h"

namespace rogerthat::net {

namespace {

using BytesByAddress = std::unordered_map<IpAddress, std::size_t, IpAddressHash>;

// How much each may keep where all together may keep `bytes_max`: what the small ones leave of
// their shares is for the others.
std::size_t fair_share(const BytesByAddress& by_address, std::size_t bytes_max) {
  std::vector<std::size_t> totals;
  totals.reserve(by_address.size());
  for (const auto& [address, bytes] : by_address) totals.push_back(bytes);
  std::ranges::sort(totals);
  std::size_t sharers = totals.size();
  for (const std::size_t total : totals) {
    if (total > bytes_max / sharers) return bytes_max / sharers;
    bytes_max -= total;
    --sharers;
  }
  return bytes_max;  // all have what they want
}

// Who has more to lose comes later.
int worth(Wait wait) {
  switch (wait) {
    case Wait::idle:
    case Wait::linger:
      return 0;
    case Wait::header:
      return 1;
    case Wait::body:
    case Wait::write:
    case Wait::settle:
      return 2;
    case Wait::nothing:
      break;
  }
  return 3;
}

bool end_idlest(ServerLoop& home, const IpAddress& address) {
  Connection* idlest = nullptr;
  for (OfAddress* const who : home.addresses.look(address)) {
    auto* const connection = static_cast<Connection*>(who);
    const auto rank = [](const Waiting& of) { return std::pair(worth(of.kind), of.deadline()); };
    if (idlest == nullptr || rank(*connection) < rank(*idlest)) idlest = connection;
  }
  if (idlest == nullptr) return false;
  home.counters.ended_for_room.add();
  idlest->end(false);
  return true;
}

// `left`: loops that have not been asked.
void make_room_on(ServerLoop& home, const IpAddress& address, std::size_t left) {
  if (end_idlest(home, address) || left == 0) return;
  const auto& loops = home.state.loops;
  const auto own = std::ranges::find(loops, &home, [](const auto& loop) { return loop.get(); });
  ServerLoop& next = *(own + 1 == loops.end() ? loops.front() : *(own + 1));
  next.loop.post([&next, address, left] { make_room_on(next, address, left - 1); });
}

}  // namespace

void relieve(ServerLoop& home, Kept what) {
  struct Keeper {
    Connection* connection;
    std::size_t bytes;
    Millis deadline;
  };
  std::vector<Keeper> keepers;
  BytesByAddress by_address;
  for (Waiting* const who : home.waits.all()) {
    auto* const connection = static_cast<Connection*>(who);
    const std::size_t bytes = connection->keeps(what);
    if (bytes == 0) continue;
    keepers.push_back({connection, bytes, who->deadline()});
    by_address[connection->client().limit_key()] += bytes;
  }
  const Tally& tally = what == Kept::input ? home.kept_input : home.kept_output;
  const std::size_t share = fair_share(by_address, tally.bytes_max - tally.bytes_max / 8);
  std::ranges::sort(keepers, [](const Keeper& a, const Keeper& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.deadline < b.deadline;
  });
  for (const Keeper& keeper : keepers) {
    std::size_t& of_address = by_address[keeper.connection->client().limit_key()];
    if (of_address <= share) continue;
    of_address -= keeper.bytes;
    keeper.connection->give_up(what);
  }
}

void make_room(ServerLoop& home, const IpAddress& heaviest) {
  make_room_on(home, heaviest, home.state.loops.size() - 1);
}

}  // namespace rogerthat::net
