#include "hub/password_guesses.h"

#include <algorithm>
#include <utility>

namespace rogerthat::hub {

namespace {

// Sets apart what is known by its address from what is known by its identity.
std::string by_address(const std::string& address) {
  return 'a' + address;
}
std::string by_network(const std::string& network) {
  return 'n' + network;
}
std::string by_identity(const std::string& identity) {
  return 'i' + identity;
}

Millis wait_after(std::uint32_t wrong) {
  using P = PasswordGuesses;
  const std::uint32_t doublings = std::min<std::uint32_t>(wrong - P::kFree, 6);
  return std::min(P::kFirstWait << doublings, P::kLongestWait);
}

}  // namespace

PasswordGuesses::Channel& PasswordGuesses::channel(const std::string& name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    order_.splice(order_.end(), order_, found->second);
    return *found->second;
  }
  if (order_.size() >= kChannelsMax) {
    by_name_.erase(order_.front().name);
    order_.pop_front();
  }
  Channel& made = order_.emplace_back();
  made.name = name;
  by_name_.emplace(made.name, std::prev(order_.end()));
  return made;
}

Millis& PasswordGuesses::used_up(Channel& channel, const Share* share) {
  return share == &kNewcomers ? channel.newcomers_until : channel.others_until;
}

bool PasswordGuesses::knows(const Channel& channel, const std::string& place) {
  return std::ranges::find(channel.known, place) != channel.known.end();
}

void PasswordGuesses::learn(Channel& channel, std::string place) {
  std::erase(channel.known, place);
  channel.known.push_back(std::move(place));
  if (channel.known.size() > kKnownMax) channel.known.pop_front();
}

PasswordGuesses::Count& PasswordGuesses::count_of(Channel& channel, const std::string& place,
                                                  Millis steady) {
  auto& places = channel.places;
  const auto forgiven = [steady](const Count& count) {
    return static_cast<std::uint32_t>(
        std::min<Millis>((steady - count.forgiven_from) / kHour, count.wrong));
  };
  if (places.size() >= kPlacesMax && !places.contains(place)) {
    std::erase_if(places, [&](const auto& row) {
      const Count& count = row.second;
      return forgiven(count) == count.wrong && (count.of_day == 0 || steady - count.day >= kDay);
    });
    if (places.size() >= kPlacesMax) {
      places.erase(
          std::ranges::min_element(places, {}, [](const auto& row) { return row.second.last; }));
    }
  }
  Count& count = places[place];
  if (const std::uint32_t fewer = count.wrong > 0 ? forgiven(count) : 0; fewer > 0) {
    count.wrong -= fewer;
    count.forgiven_from += fewer * kHour;
  }
  if (steady - count.day >= kDay) {
    count.of_day = 0;
    count.day = steady;
  }
  return count;
}

PasswordGuesses::Try PasswordGuesses::begin(const Guesser& guesser, Millis steady) {
  const std::lock_guard lock(mutex_);
  Channel& at = channel(guesser.channel);
  Try out;
  if (!guesser.identity.empty() && knows(at, by_identity(guesser.identity))) {
    out.place = by_identity(guesser.identity);
  } else if (knows(at, by_address(guesser.address))) {
    out.place = by_address(guesser.address);
  } else {
    out.place = by_network(guesser.network);
    out.share = &kOthers;
  }
  Count& count = count_of(at, out.place, steady);
  if (count.wrong >= kFree) {
    out.wait = std::max<Millis>(0, count.last + wait_after(count.wrong) - steady);
  }
  if (out.wait > 0) return out;
  if (out.share != nullptr) {
    if (count.of_day < kNewcomersTries) out.share = &kNewcomers;
    Millis& until = used_up(at, out.share);
    const Millis with_this = std::max(until, steady) + out.share->interval;
    out.wait = with_this - steady - out.share->at_once * out.share->interval;
    out.wait = std::max<Millis>(0, out.wait);
    if (out.wait > 0) {
      out.interval = out.share->interval;
      return out;
    }
    until = with_this;
  }
  out.before = count;
  ++count.wrong;
  ++count.of_day;
  count.last = count.forgiven_from = steady;
  return out;
}

void PasswordGuesses::undo(const Guesser& guesser, const Try& tried) {
  Channel& at = channel(guesser.channel);
  if (tried.share != nullptr) used_up(at, tried.share) -= tried.share->interval;
  const auto count = at.places.find(tried.place);
  if (count == at.places.end()) return;
  if (count->second.wrong > 0) --count->second.wrong;
  if (count->second.of_day > 0) --count->second.of_day;
  count->second.last = tried.before.last;
  count->second.forgiven_from = tried.before.forgiven_from;
  if (count->second.wrong == 0 && count->second.of_day == 0) at.places.erase(count);
}

void PasswordGuesses::right(const Guesser& guesser, const Try& tried) {
  const std::lock_guard lock(mutex_);
  undo(guesser, tried);
  Channel& at = channel(guesser.channel);
  learn(at, by_address(guesser.address));
  if (!guesser.identity.empty()) learn(at, by_identity(guesser.identity));
}

void PasswordGuesses::give_back(const Guesser& guesser, const Try& tried) {
  const std::lock_guard lock(mutex_);
  undo(guesser, tried);
}

}  // namespace rogerthat::hub
