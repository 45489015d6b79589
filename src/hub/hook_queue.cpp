#include "hub/hook_queue.h"

#include <algorithm>
#include <utility>

namespace rogerthat::hub {

namespace {

constexpr std::string_view kTooMany = "More waited for this webhook than may: the oldest went.";
constexpr Millis kPauseMax = 12 * kHour;
constexpr std::string_view kStopped = "The webhook was stopped.";

}  // namespace

struct HookQueue::Hook {
  enum class Place : std::uint8_t { resting, scheduled, ready };
  using Turns = std::multimap<Millis, Items::iterator>;

  std::string id;
  std::uint64_t number = 0;  // keeps the order of those that are due at one moment
  Items items;               // oldest first, those under way too
  Turns turns;               // of those that wait, by when they are due
  std::size_t bytes = 0;     // of those that wait
  unsigned under_way = 0;
  bool troubled = false;  // its last attempt failed or was slow
  bool removed = false;   // goes when nothing is under way any more
  Place place = Place::resting;
  Millis scheduled_at = 0;
  std::deque<DeliveryLogLine> log;  // oldest first

  DeliveryLogLine* line(std::string_view delivery) {
    const auto found = std::ranges::find(log.rbegin(), log.rend(), delivery, &DeliveryLogLine::id);
    return found == log.rend() ? nullptr : &*found;
  }
};

HookQueue::HookQueue(std::size_t bytes_max) : bytes_max_(bytes_max) {}
HookQueue::~HookQueue() = default;

// ------------------------------------------------------------------------------------ whose turn

bool HookQueue::may_start(const Hook& hook) const {
  return !hook.turns.empty() && hook.under_way < (hook.troubled ? 1 : kPerHook);
}

void HookQueue::reschedule(Hook& hook) {
  if (hook.place == Hook::Place::ready) {
    if (!hook.turns.empty()) return;  // it is looked at when its turn comes
    for (std::deque<Hook*>& line : ready_) std::erase(line, &hook);
    hook.place = Hook::Place::resting;
  }
  if (hook.place == Hook::Place::scheduled) {
    if (may_start(hook) && hook.scheduled_at == hook.turns.begin()->first) return;
    schedule_.erase({hook.scheduled_at, hook.number, &hook});
    hook.place = Hook::Place::resting;
  }
  if (!may_start(hook)) return;
  hook.scheduled_at = hook.turns.begin()->first;
  hook.place = Hook::Place::scheduled;
  schedule_.insert({hook.scheduled_at, hook.number, &hook});
}

void HookQueue::line_up(Hook& hook, Millis steady) {
  if (hook.place == Hook::Place::resting && may_start(hook) &&
      hook.turns.begin()->first <= steady) {
    hook.place = Hook::Place::ready;
    ready_[hook.troubled ? 1 : 0].push_back(&hook);
    return;
  }
  reschedule(hook);
}

const core::Delivery* HookQueue::take(Millis steady) {
  if (under_way_.size() >= kUnderWayMax) return nullptr;
  while (!schedule_.empty() && std::get<Millis>(*schedule_.begin()) <= steady) {
    Hook& hook = *std::get<Hook*>(*schedule_.begin());
    schedule_.erase(schedule_.begin());
    hook.place = Hook::Place::resting;
    line_up(hook, steady);
  }
  for (const bool troubled : {!troubled_last_, troubled_last_}) {
    std::deque<Hook*>& line = ready_[troubled ? 1 : 0];
    while (!line.empty() && !(troubled && troubled_ >= kTroubledMax)) {
      Hook& hook = *line.front();
      line.pop_front();
      hook.place = Hook::Place::resting;
      // Much may have happened since it got into line.
      const bool due = may_start(hook) && hook.turns.begin()->first <= steady;
      if (due && (!hook.troubled || troubled_ < kTroubledMax)) return start(hook, steady);
      line_up(hook, steady);
    }
  }
  return nullptr;
}

const core::Delivery* HookQueue::start(Hook& hook, Millis steady) {
  const Items::iterator item = hook.turns.begin()->second;
  wait_no_more(hook, item);
  item->under_way = true;
  item->troubled = troubled_last_ = hook.troubled;
  if (item->troubled) ++troubled_;
  ++hook.under_way;
  under_way_.emplace(item->delivery.id, std::pair{&hook, item});
  line_up(hook, steady);
  return &item->delivery;
}

Millis HookQueue::next_due() const {
  if (under_way_.size() >= kUnderWayMax) return kNever;
  if (!ready_[0].empty() || (!ready_[1].empty() && troubled_ < kTroubledMax)) return 0;
  return schedule_.empty() ? kNever : std::get<Millis>(*schedule_.begin());
}

// --------------------------------------------------------------------------------- coming, waiting

void HookQueue::wait(Hook& hook, Items::iterator item) {
  item->turn = hook.turns.emplace(item->due, item);
  hook.bytes += item->delivery.body.size();
  bytes_ += item->delivery.body.size();
  ++waiting_;
}

void HookQueue::wait_no_more(Hook& hook, Items::iterator item) {
  hook.turns.erase(item->turn);
  hook.bytes -= item->delivery.body.size();
  bytes_ -= item->delivery.body.size();
  --waiting_;
}

void HookQueue::add(core::Delivery delivery, Now now, Changes& changes) {
  const auto [place, fresh] = hooks_.try_emplace(delivery.hook);
  if (fresh) {
    place->second = std::make_unique<Hook>();
    place->second->id = delivery.hook;
    place->second->number = ++hooks_seen_;
  }
  Hook& hook = *place->second;
  DeliveryLogLine line;
  line.id = delivery.id;
  line.event = delivery.event;
  line.attempts = delivery.attempts;
  line.created_at = delivery.created_at;
  line.next_at = delivery.due_at;
  hook.log.push_back(std::move(line));
  if (hook.log.size() > core::kDeliveriesShown) hook.log.pop_front();

  ++homes_[delivery.home][&hook];
  const Millis pause = std::clamp(delivery.due_at, now.wall, now.wall + kPauseMax) - now.wall;
  const auto item =
      hook.items.insert(hook.items.end(), Item{std::move(delivery), now.steady + pause, {}});
  wait(hook, item);
  make_room(hook, changes);
  reschedule(hook);
}

void HookQueue::make_room(Hook& hook, Changes& changes) {
  while (hook.turns.size() > 1 && (hook.turns.size() > core::kDeliveriesQueuedMax ||
                                   hook.bytes > core::kDeliveryBytesQueuedMax)) {
    if (!evict_oldest(hook, changes)) break;
  }
  // The hook that holds most pays for what is too much on the whole shard, and a little more, so
  // that this search is rare.
  while (bytes_ > bytes_max_) {
    Hook& fattest = *std::ranges::max_element(hooks_, {}, [](const auto& each) {
                       return each.second->bytes;
                     })->second;
    while (bytes_ > bytes_max_ - bytes_max_ / 64 && evict_oldest(fattest, changes)) {
    }
    reschedule(fattest);
  }
}

bool HookQueue::evict_oldest(Hook& hook, Changes& changes) {
  const auto oldest =
      std::ranges::find_if(hook.items, [](const Item& item) { return !item.under_way; });
  if (oldest == hook.items.end()) return false;
  drop(hook, oldest, kTooMany, changes);
  ++evicted_;
  return true;
}

// ------------------------------------------------------------------------------------ what becomes

bool HookQueue::settle(std::string_view id, AttemptResult result, Now now, Changes& changes) {
  const auto found = under_way_.find(id);
  if (found == under_way_.end()) return false;
  const auto [owner, item] = found->second;
  under_way_.erase(found);
  Hook& hook = *owner;
  core::Delivery& delivery = item->delivery;
  item->under_way = false;
  if (item->troubled) --troubled_;
  --hook.under_way;
  hook.troubled = result.verdict == core::DeliveryVerdict::retry || result.latency >= kSlow;
  ++delivery.attempts;

  const bool again = result.verdict == core::DeliveryVerdict::retry && !item->dropped;
  const auto pause = again ? core::retry_after(delivery.attempts) : std::nullopt;
  delivery.due_at = pause ? now.wall + *pause : 0;
  item->due = now.steady + pause.value_or(0);
  if (DeliveryLogLine* line = hook.line(id)) {
    using State = DeliveryLogLine::State;
    const bool delivered = result.verdict == core::DeliveryVerdict::delivered;
    line->state = delivered ? State::delivered : pause ? State::waiting : State::failed;
    line->status = result.status;
    line->error = std::move(result.error);
    line->latency = result.latency;
    line->attempts = delivery.attempts;
    line->attempted_at = now.wall;
    line->next_at = delivery.due_at;
  }
  if (pause) {
    wait(hook, item);
    if (delivery.stored) changes.push_back({delivery.id, &delivery});
  } else {
    if (delivery.stored) changes.push_back({delivery.id, nullptr});
    erase(hook, item);
  }
  const bool gone = result.verdict == core::DeliveryVerdict::gone && !hook.removed;
  if (gone) stop_hook(hook.id, changes);
  line_up(hook, now.steady);
  forget_if_done(hook);
  return gone;
}

void HookQueue::erase(Hook& hook, Items::iterator item) {
  const auto home = homes_.find(item->delivery.home);
  const auto count = home->second.find(&hook);
  if (--count->second == 0) home->second.erase(count);
  if (home->second.empty()) homes_.erase(home);
  hook.items.erase(item);
}

// What is under way cannot be called back: its attempt ends with settle().
void HookQueue::drop(Hook& hook, Items::iterator item, std::string_view why, Changes& changes) {
  if (item->dropped) return;
  core::Delivery& delivery = item->delivery;
  if (std::exchange(delivery.stored, false)) changes.push_back({delivery.id, nullptr});
  if (item->under_way) {
    item->dropped = true;
    return;
  }
  if (DeliveryLogLine* line = hook.line(delivery.id)) {
    line->state = DeliveryLogLine::State::failed;
    line->error = why;
    line->next_at = 0;
  }
  wait_no_more(hook, item);
  erase(hook, item);
}

void HookQueue::stop_hook(std::string_view id, Changes& changes) {
  const auto found = hooks_.find(id);
  if (found == hooks_.end()) return;
  Hook& hook = *found->second;
  for (auto item = hook.items.begin(); item != hook.items.end();) {
    drop(hook, item++, kStopped, changes);
  }
  reschedule(hook);
}

void HookQueue::drop_hook(std::string_view id, Changes& changes) {
  const auto found = hooks_.find(id);
  if (found == hooks_.end()) return;
  stop_hook(id, changes);
  found->second->removed = true;
  found->second->log.clear();
  forget_if_done(*found->second);
}

void HookQueue::drop_home(std::string_view name, Changes& changes) {
  const auto home = homes_.find(name);
  if (home == homes_.end()) return;
  std::vector<Hook*> hooks;
  for (const auto& [hook, count] : home->second) hooks.push_back(hook);
  for (Hook* const hook : hooks) {
    for (auto item = hook->items.begin(); item != hook->items.end();) {
      const auto each = item++;
      if (each->delivery.home == name) drop(*hook, each, kStopped, changes);
    }
    reschedule(*hook);
  }
}

void HookQueue::forget_if_done(Hook& hook) {
  if (!hook.removed || !hook.items.empty()) return;
  reschedule(hook);  // nothing waits: it is in no line
  hooks_.erase(hooks_.find(hook.id));
}

std::vector<DeliveryLogLine> HookQueue::log(std::string_view hook) const {
  const auto found = hooks_.find(hook);
  if (found == hooks_.end()) return {};
  return {found->second->log.rbegin(), found->second->log.rend()};
}

}  // namespace rogerthat::hub
