#include "mcp/session.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "mcp/running_call.h"

namespace rogerthat::mcp {

namespace {

constexpr std::size_t kQuestionsMax = 256;
constexpr std::size_t kSentMax = 16;

std::string updated_note(std::string_view uri) {
  std::string params;
  JsonWriter json(params);
  json.begin_object().field("uri", uri).end_object();
  std::string note;
  append_notification(note, "notifications/resources/updated", params);
  return note;
}

}  // namespace

std::string_view list_changed_method(List list) {
  switch (list) {
    case List::tools:
      return "notifications/tools/list_changed";
    case List::prompts:
      return "notifications/prompts/list_changed";
    case List::resources:
      break;
  }
  return "notifications/resources/list_changed";
}

Session::Session(std::string id, SessionOwner owner, std::string_view revision,
                 ClientCapabilities client, std::unique_ptr<SessionState> state)
    : id_(std::move(id)),
      owner_(std::move(owner)),
      revision_(revision),
      client_(client),
      state_(std::move(state)) {}

Session::~Session() = default;

namespace {
// A call may be destroyed only on its own thread, so its reference is taken there.
void cancel_there(net::Loop* loop, std::weak_ptr<RunningCall> call) {
  loop->post([call = std::move(call)] {
    if (const auto running = call.lock()) running->cancel();
  });
}
}  // namespace

bool Session::add_call(std::string_view id, net::Loop* loop, std::weak_ptr<RunningCall> call) {
  const std::lock_guard lock(mutex_);
  if (ended_) cancel_there(loop, call);  // it began before the end was known
  if (std::ranges::find(calls_, id, &Waiting::id) != calls_.end()) return false;
  calls_.push_back({std::string(id), loop, std::move(call)});
  waiting_.store(calls_.size(), std::memory_order_relaxed);
  return true;
}

void Session::remove_call(std::string_view id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(calls_, [&](const Waiting& waiting) { return waiting.id == id; });
  waiting_.store(calls_.size(), std::memory_order_relaxed);
}

void Session::cancel_call(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(calls_, id, &Waiting::id);
  if (found != calls_.end()) cancel_there(found->loop, found->call);
}

std::string Session::add_question(net::Loop* loop, std::weak_ptr<RunningCall> call,
                                  std::size_t index) {
  const std::lock_guard lock(mutex_);
  std::string id = "\"server-" + std::to_string(++question_count_) + "\"";
  if (questions_.size() < kQuestionsMax) {
    questions_.push_back({id, loop, std::move(call), index});
  }
  return id;
}

void Session::drop_question(const std::string& id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(questions_, [&](const Waiting& waiting) { return waiting.id == id; });
}

void Session::answer_question(const Message& response) {
  Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(questions_, response.id, &Waiting::id);
    if (found == questions_.end()) return;
    waiting = std::move(*found);
    questions_.erase(found);
  }
  std::optional<std::string> result;
  std::string reason;
  if (response.result) {
    append_json(result.emplace(), *response.result);
  } else if (const auto text = response.error->find("message");
             text && text->is(JsonValue::Type::string)) {
    reason = text->string();
  }
  waiting.loop->post([waiting, result = std::move(result), reason = std::move(reason)]() mutable {
    if (const auto running = waiting.call.lock()) {
      running->input_arrived(waiting.index, std::move(result), reason);
    }
  });
}

Session::Entered Session::enter_watch(std::string_view uri) {
  const std::lock_guard lock(mutex_);
  if (ended_) return Entered::already;
  if (std::ranges::any_of(watches_, [&](const Watched& w) { return w.uri == uri; })) {
    return Entered::already;
  }
  if (watches_.size() >= kWatchesMax) return Entered::too_many;
  watches_.push_back({std::string(uri), nullptr, nullptr});
  return Entered::yes;
}

// Watches end on the thread that made them; at the very end no loop runs to do it.
void Session::let_go(Watched watched) {
  const net::Loop* const here = net::Loop::current();
  if (!watched.watch || here == nullptr || here == watched.loop) return;
  net::Loop* const loop = watched.loop;
  loop->post([watch = std::move(watched.watch)] {});
}

void Session::keep_watch(std::string_view uri, std::unique_ptr<Watch> watch, net::Loop* loop) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(watches_, uri, &Watched::uri);
    if (found != watches_.end() && !found->watch) {
      found->watch = std::move(watch);
      found->loop = loop;
      return;
    }
  }
  let_go({{}, std::move(watch), loop});  // unsubscribed, or the session has ended meanwhile
}

void Session::remove_watch(std::string_view uri) {
  Watched removed{};
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(watches_, uri, &Watched::uri);
    if (found == watches_.end()) return;
    removed = std::move(*found);
    watches_.erase(found);
    std::erase(updated_, removed.uri);
  }
  let_go(std::move(removed));
}

// Under the lock. The outlet is woken once for everything until it is taken.
std::shared_ptr<Outlet> Session::outlet_to_wake() {
  if (!outlet_ || std::exchange(woken_, true)) return nullptr;
  return outlet_;
}

void Session::note_updated(std::string_view uri) {
  std::shared_ptr<Outlet> wake;
  {
    const std::lock_guard lock(mutex_);
    const bool watched =
        std::ranges::any_of(watches_, [&](const Watched& w) { return w.uri == uri; });
    if (!watched || std::ranges::find(updated_, uri) != updated_.end()) return;
    updated_.emplace_back(uri);
    wake = outlet_to_wake();
  }
  if (wake) wake->notes_waiting();
}

void Session::note_list_changed(List list) {
  std::shared_ptr<Outlet> wake;
  {
    const std::lock_guard lock(mutex_);
    lists_changed_ |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(list));
    wake = outlet_to_wake();
  }
  if (wake) wake->notes_waiting();
}

bool Session::set_outlet(std::shared_ptr<Outlet> outlet, bool replace) {
  std::shared_ptr<Outlet> wake;
  std::shared_ptr<Outlet> replaced;
  {
    const std::lock_guard lock(mutex_);
    if ((outlet_ && !replace) || ended_) return false;
    replaced = std::exchange(outlet_, std::move(outlet));
    woken_ = false;
    if (!updated_.empty() || lists_changed_ != 0) wake = outlet_to_wake();
  }
  if (replaced) replaced->session_ended();
  if (wake) wake->notes_waiting();
  return true;
}

void Session::clear_outlet(const Outlet* outlet) {
  std::shared_ptr<Outlet> gone;
  const std::lock_guard lock(mutex_);
  if (outlet_.get() == outlet) gone = std::move(outlet_);
}

bool Session::has_outlet() const {
  const std::lock_guard lock(mutex_);
  return outlet_ != nullptr;
}

std::vector<std::string> Session::take_notes() {
  std::vector<std::string> uris;
  std::uint8_t lists = 0;
  {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    uris = std::exchange(updated_, {});
    lists = std::exchange(lists_changed_, std::uint8_t{0});
  }
  std::vector<std::string> notes;
  for (const List list : {List::tools, List::prompts, List::resources}) {
    if ((lists >> static_cast<unsigned>(list) & 1U) == 0) continue;
    append_notification(notes.emplace_back(), list_changed_method(list), {});
  }
  for (const std::string& uri : uris) notes.push_back(updated_note(uri));
  return notes;
}

std::uint64_t Session::keep_sent(std::string note) {
  const std::lock_guard lock(mutex_);
  sent_.push_back({++sent_count_, std::move(note)});
  if (sent_.size() > kSentMax) sent_.erase(sent_.begin());
  return sent_count_;
}

std::vector<Session::Sent> Session::sent_after(std::uint64_t number) const {
  const std::lock_guard lock(mutex_);
  std::vector<Sent> after;
  for (const Sent& sent : sent_) {
    if (sent.number > number) after.push_back(sent);
  }
  return after;
}

std::uint64_t Session::last_sent() const {
  const std::lock_guard lock(mutex_);
  return sent_count_;
}

bool Session::busy() const {
  return waiting_.load(std::memory_order_relaxed) > 0 || has_outlet();
}

void Session::end() {
  std::vector<Watched> watches;
  std::shared_ptr<Outlet> outlet;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ended_, true)) return;
    for (const Waiting& waiting : calls_) cancel_there(waiting.loop, waiting.call);
    watches = std::exchange(watches_, {});
    outlet = std::move(outlet_);
  }
  for (Watched& watched : watches) let_go(std::move(watched));
  if (outlet) outlet->session_ended();
  if (state_) state_->ended();
}

}  // namespace rogerthat::mcp
