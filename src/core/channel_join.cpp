// Joining, leaving, expiry: who holds which callsign.
//
// Everybody on a channel has the same token, so a callsign alone proves nothing. A session is
// proved by its id, an identity by its key; the rules follow from who else could be asking:
//  - With the id of a live session it is the same agent. It may change anything, its callsign too.
//  - Without an id it is most likely an agent that has lost it between two shells: it gets the live
//    session of its callsign back, and a warning, unless the channel or the way in forbids that.
//  - With another id somebody else wants a callsign that is taken: refused, or renamed.
//  - With a key nothing is shared that anybody could have had without it: no live session, and no
//    old id either.
// An id that has expired comes back within the hour, because agents keep it in files and scripts.
//
// That a human stands behind a session is proved by the owner password, and counts for those who
// gave it. Everybody who has the id of a session speaks by it, so its proof counts for nothing once
// the id is with somebody who has not given the password. Who gives it then gets a session of its
// own, whose id nobody else has.
#include <algorithm>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "core/channel.h"
#include "core/content.h"
#include "core/names.h"

namespace rogerthat::core {

namespace {

// Only ids of this shape are adopted from a client; others are ignored.
bool adoptable(std::string_view id) {
  return id.size() >= kSessionIdLengthMin && id.size() <= kSessionIdLengthMax &&
         std::ranges::all_of(id, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_handle(const JoinCommand& command, std::string_view callsign) {
  return command.handles != nullptr && command.handles->is_handle(callsign);
}

// Ids of sessions may have been shared, or be known to who had an older key: to an identity only
// those come back that its own key has opened.
bool may_have_opened(const JoinCommand& command, std::string_view account) {
  return command.identity_account.empty() || command.identity_account == account;
}

// The callsign that was picked at random, or one like it that is free.
std::string spare_callsign(const Channel& channel, const JoinCommand& command) {
  const std::string& spare = command.spare_callsign;
  const bool held = channel.find_member(spare) != kNone || is_handle(command, spare);
  return held ? channel.free_callsign_like(spare, command.handles) : spare;
}

std::unexpected<Error> taken(const JoinCommand& command, const std::string& callsign,
                             const std::string& suggestion) {
  return fail(
      ErrorCode::callsign_taken, fmt::format("callsign '{}' is held by another session.", callsign),
      fmt::format("Join as '{}', or {}.", suggestion,
                  command.never_shares ? "with your own session handle if it is you"
                                       : "send the X-Session-Id of the session that holds it"));
}

// A key is for one callsign: there is no other to suggest.
std::unexpected<Error> held_without_key(const JoinCommand& command, const std::string& callsign) {
  return fail(ErrorCode::callsign_taken,
              fmt::format("callsign '{}' is held here by a session that joined without its "
                          "identity_key.",
                          callsign),
              fmt::format("If that is you, send its {} along with the key; else join again when it "
                          "has left. From then on the callsign is yours here.",
                          command.never_shares ? "session handle" : "X-Session-Id"));
}

}  // namespace

std::string Channel::free_callsign_like(std::string_view callsign, const Handles* handles) const {
  for (std::size_t n = 2;; ++n) {
    const std::string suffix = fmt::format("-{}", n);
    std::string candidate(callsign.substr(0, kCallsignLengthMax - suffix.size()));
    candidate += suffix;
    const MemberNo member = find_member(candidate);
    if (member != kNone && (online(member) || members_[member].verified)) continue;
    if (handles == nullptr || !handles->is_handle(candidate)) return candidate;
  }
}

// The live session that the caller names as its own. With a key only one that this key has opened:
// others may hold the id of a session without one, and would speak as the identity.
SessionNo Channel::own_session(const JoinCommand& command) const {
  if (!adoptable(command.session_id)) return kNone;
  const SessionNo own = live_session(command.session_id);
  if (own == kNone || may_have_opened(command, sessions_[own].identity_account)) return own;
  return kNone;
}

// Who joins with a key and names a session that it has had without one gives that session up:
// others may know its id, and would speak as the identity. It ends, and a new one begins. So does
// who proves that a human stands behind it, and names a session whose id others have.
Result<JoinPlan> Channel::decide_join(const JoinCommand& command, Now now) const {
  const SessionNo named = adoptable(command.session_id) ? live_session(command.session_id) : kNone;
  if (named == kNone) return plan_join(command, kNone, now);
  const bool gives_up =
      named != own_session(command) || (command.human_authorized && sessions_[named].shared);
  const SessionNo given_up = gives_up ? named : kNone;
  auto plan = plan_join(command, given_up, now);
  if (plan && given_up != kNone) {
    plan->events.insert(plan->events.begin(), Left{sessions_[given_up].id, false, now.wall});
  }
  return plan;
}

// Whether a callsign is given to its identity only. On a channel where the identity has joined, and
// where nobody can be told by a token of the channel: on bands. Elsewhere plain names are free:
// whoever makes an account must not take a name from channels that it has never seen.
bool Channel::is_protected(const JoinCommand& command, std::string_view callsign) const {
  const MemberNo member = find_member(callsign);
  if (member != kNone && members_[member].verified) return true;
  return (options_.band || options_.require_identity) && is_handle(command, callsign);
}

// `given_up`: a session that ends with this join, and counts no more.
Result<JoinPlan> Channel::plan_join(const JoinCommand& command, SessionNo given_up, Now now) const {
  if (options_.require_identity && command.identity_account.empty()) {
    return fail(ErrorCode::forbidden,
                "This channel admits identities only: identity_key is missing.");
  }
  if (command.intro) {
    if (auto ok = check_intro(*command.intro); !ok) return std::unexpected(ok.error());
  }
  const std::string_view header =
      adoptable(command.session_id) ? std::string_view(command.session_id) : std::string_view();
  SessionNo own = own_session(command);
  if (own == given_up) own = kNone;
  const Tombstone* old =
      header.empty() || own != kNone ? nullptr : find_tombstone(header, now.wall);

  std::string callsign;
  if (command.callsign) {
    callsign = *command.callsign;
    if (command.identity_account.empty() && is_placeholder_callsign(callsign)) {
      return fail(
          ErrorCode::invalid,
          fmt::format("callsign: '{}' stands where a name of your own is to be put.", callsign),
          fmt::format("Join as '{}', or leave callsign out.", spare_callsign(*this, command)));
    }
    if (!is_valid_callsign(callsign)) {
      return fail(ErrorCode::invalid, fmt::format("callsign must match {}.", kCallsignPattern),
                  "Use letters, digits, '-' and '_', 32 at most, starting with a letter or digit.");
    }
    if (!command.reserved_allowed && is_reserved_callsign(callsign)) {
      return fail(ErrorCode::invalid, fmt::format("callsign '{}' is reserved.", callsign),
                  "Take another callsign.");
    }
  } else if (own != kNone) {
    callsign = members_[sessions_[own].member].callsign;
  } else if (given_up != kNone) {
    callsign = members_[sessions_[given_up].member].callsign;
  } else if (old != nullptr) {
    callsign = old->callsign;
  } else {
    callsign = spare_callsign(*this, command);
  }

  const bool has_key = !command.identity_account.empty();
  if (!has_key && is_protected(command, callsign)) {
    return fail(
        ErrorCode::callsign_taken,
        fmt::format("callsign '{}' belongs to an identity: it takes its identity_key.", callsign),
        fmt::format("Join as '{}'.", free_callsign_like(callsign, command.handles)));
  }
  const MemberNo member = find_member(callsign);
  SessionNo holder = member == kNone ? kNone : members_[member].session;
  if (holder == given_up) holder = kNone;
  // Who was here first under a plain name stays: a key proves whose the callsign is elsewhere, not
  // that this session is a stranger's. From the identity's first join on the name is its own.
  if (has_key && holder != kNone &&
      sessions_[holder].identity_account != command.identity_account) {
    return held_without_key(command, callsign);
  }
  if (own != kNone) {
    if (holder != kNone && holder != own) {
      return taken(command, callsign, free_callsign_like(callsign, command.handles));
    }
    return plan_known_session(command, own, callsign, true);
  }
  if (holder != kNone) {
    if (has_key) return plan_known_session(command, holder, callsign, false);
    if (options_.on_collision == OnCollision::rename && !options_.band) {
      callsign = free_callsign_like(callsign, command.handles);
    } else if (!header.empty() || options_.band || command.never_shares ||
               options_.on_collision == OnCollision::reject) {
      return taken(command, callsign, free_callsign_like(callsign, command.handles));
    } else {
      return plan_collision(command, member);
    }
  }
  if (old != nullptr) return plan_old_session(command, *old, callsign, true);
  if (!header.empty() && live_session(header) == kNone && !options_.band &&
      !options_.require_identity) {
    return plan_new_session(command, std::string(header), callsign);
  }
  if (header.empty() && !options_.band && !command.never_shares) {
    const Tombstone* const expired = find_tombstone_of(callsign, now.wall);
    if (expired != nullptr) return plan_old_session(command, *expired, callsign, false);
  }
  return plan_new_session(command, command.new_session_id, callsign);
}

Result<JoinPlan> Channel::plan_new_session(const JoinCommand& command, std::string session_id,
                                           std::string callsign) const {
  if (join_order_.size() >= sessions_max()) {
    return fail(ErrorCode::unavailable,
                fmt::format("The channel is full: {} sessions are on it.", sessions_max()));
  }
  if (find_member(callsign) == kNone && member_count() >= callsigns_max() &&
      forgettable_member() == kNone) {
    return fail(
        ErrorCode::unavailable,
        fmt::format("The channel remembers {} callsigns, which is the most.", callsigns_max()),
        "Join under a callsign that has been used here before.");
  }
  Joined joined;
  joined.session_id = std::move(session_id);
  joined.callsign = std::move(callsign);
  joined.intro = command.intro.value_or("");
  joined.identity_account = command.identity_account;
  joined.verified = !command.identity_account.empty();
  joined.human_authorized = command.human_authorized;
  joined.ack_explicit = command.ack_explicit;
  JoinPlan plan;
  plan.session_id = joined.session_id;
  plan.callsign = joined.callsign;
  plan.human_authorized = joined.human_authorized;
  plan.events.emplace_back(std::move(joined));
  return plan;
}

Result<JoinPlan> Channel::plan_known_session(const JoinCommand& command, SessionNo no,
                                             std::string callsign, bool by_id) const {
  const Session& session = sessions_[no];
  const Member& member = members_[session.member];
  const bool renamed = member.callsign != callsign;
  if (renamed && find_member(callsign) == kNone && member_count() >= callsigns_max() &&
      forgettable_member() == kNone) {
    return fail(ErrorCode::unavailable, "The channel remembers as many callsigns as it can.");
  }
  Joined joined;
  joined.session_id = session.id;
  joined.callsign = callsign;
  joined.intro = command.intro.value_or(session.intro);
  joined.identity_account = command.identity_account.empty() && !renamed ? session.identity_account
                                                                         : command.identity_account;
  joined.verified = !joined.identity_account.empty();
  joined.human_authorized = session.human_authorized || command.human_authorized;
  const bool all_have_proved = session.human_authorized && command.human_authorized;
  joined.shared = session.shared || (options_.has_owner_password && !by_id && !all_have_proved);
  joined.ack_explicit = session.ack_explicit || command.ack_explicit;
  joined.at = session.joined_at;
  JoinPlan plan;
  plan.session_id = session.id;
  plan.callsign = std::move(callsign);
  plan.human_authorized = command.human_authorized || (by_id && session.is_authorized());
  plan.idempotent = !renamed;
  const bool changed = renamed || joined.intro != session.intro ||
                       joined.identity_account != session.identity_account ||
                       joined.human_authorized != session.human_authorized ||
                       joined.shared != session.shared ||
                       joined.ack_explicit != session.ack_explicit;
  if (changed) plan.events.emplace_back(std::move(joined));
  return plan;
}

// An id that has expired, or was left, and is remembered.
Result<JoinPlan> Channel::plan_old_session(const JoinCommand& command, const Tombstone& old,
                                           std::string callsign, bool by_id) const {
  const bool others_have_it = by_id ? old.shared : !old.human_authorized || old.shared;
  const bool comes_back = may_have_opened(command, old.identity_account) &&
                          !(command.human_authorized && others_have_it);
  if (!comes_back) return plan_new_session(command, command.new_session_id, std::move(callsign));
  auto plan = plan_new_session(command, old.session_id, std::move(callsign));
  if (plan && options_.has_owner_password && !command.human_authorized) {
    std::get<Joined>(plan->events.back()).shared = !by_id || old.shared;
  }
  return plan;
}

// A live callsign and no proof of holding it: the caller shares the session, and is told so.
Result<JoinPlan> Channel::plan_collision(const JoinCommand& command, MemberNo member) const {
  JoinCommand shared = command;
  shared.intro.reset();  // a stranger does not rewrite it
  auto plan =
      plan_known_session(shared, members_[member].session, members_[member].callsign, false);
  if (!plan) return plan;
  plan->collision_warning = true;
  return plan;
}

std::optional<Left> Channel::decide_leave(std::string_view session_id, Now now) const {
  if (live_session(session_id) == kNone) return std::nullopt;
  return Left{std::string(session_id), false, now.wall};
}

std::optional<Left> Channel::decide_expiry(SessionNo no, Now now) const {
  if (no >= sessions_.size() || !sessions_[no].in_use) return std::nullopt;
  const Session& session = sessions_[no];
  if (now.steady - session.last_seen < options_.session_ttl || has_waiting_reader(no)) {
    return std::nullopt;
  }
  return Left{session.id, true, now.wall};
}

MemberNo Channel::member_for(std::string_view callsign) {
  const MemberNo known = find_member(callsign);
  if (known != kNone) return known;
  if (member_count() >= callsigns_max()) {
    if (const MemberNo idle = forgettable_member(); idle != kNone) forget_member(idle);
  }
  MemberNo no;
  if (free_member_ == kNone) {
    no = static_cast<MemberNo>(members_.size());
    members_.emplace_back();
  } else {
    no = free_member_;
    free_member_ = members_[no].first_reader;
    members_[no] = Member{};
  }
  Member& member = members_[no];
  member.callsign = callsign;
  member.baseline = ring_.dropped_through();
  const auto earlier = std::ranges::find(spoke_earlier_, callsign);
  if (earlier != spoke_earlier_.end()) {
    member.spoke = true;
    spoke_earlier_.erase(earlier);
  }
  member_index_.insert(callsign, no);
  return no;
}

MemberNo Channel::sender(std::string_view callsign, Now now) {
  const MemberNo no = member_for(callsign);
  members_[no].last_seen = now.wall;
  return no;
}

// Bound to an identity, and so never forgotten.
MemberNo Channel::addressee(std::string_view callsign) {
  const MemberNo no = member_for(callsign);
  members_[no].verified = true;
  return no;
}

// The callsign offline longest that no held message is from or to.
MemberNo Channel::forgettable_member() const {
  std::vector<bool> needed(members_.size());
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    const Message& message = ring_.at(i);
    needed[message.from] = true;
    if (message.to != kEveryone) needed[message.to] = true;
  }
  MemberNo oldest = kNone;
  for (MemberNo no = 0; no < members_.size(); ++no) {
    const Member& member = members_[no];
    if (!member.in_use || member.session != kNone || member.verified || needed[no]) continue;
    if (member.first_reader != kNone) continue;
    if (oldest == kNone || member.last_seen < members_[oldest].last_seen) oldest = no;
  }
  return oldest;
}

void Channel::forget_member(MemberNo no) {
  member_index_.erase(members_[no].callsign, no);
  if (members_[no].cursor_dirty) moved_.remove(no);
  if (swallowed_) swallowed_->by_sender.erase(no);
  members_[no] = Member{};
  members_[no].in_use = false;
  members_[no].first_reader = std::exchange(free_member_, no);
}

void Channel::mark_spoke(std::string_view callsign) {
  const MemberNo member = find_member(callsign);
  if (member != kNone) {
    members_[member].spoke = true;
  } else {
    spoke_earlier_.emplace_back(callsign);
  }
}

void Channel::go_online(MemberNo no, SessionNo session) {
  members_[no].session = session;
  const auto by_callsign = [this](MemberNo a, MemberNo b) {
    return members_[a].callsign < members_[b].callsign;
  };
  live_sorted_.insert(std::ranges::lower_bound(live_sorted_, no, by_callsign), no);
}

void Channel::go_offline(MemberNo no, Now now) {
  members_[no].session = kNone;
  members_[no].last_seen = now.wall;
  const auto by_callsign = [this](MemberNo a, MemberNo b) {
    return members_[a].callsign < members_[b].callsign;
  };
  const auto at = std::ranges::lower_bound(live_sorted_, no, by_callsign);
  if (at != live_sorted_.end() && *at == no) live_sorted_.erase(at);
}

void Channel::apply_joined(Joined joined, Now now) {
  const MemberNo no = member_for(joined.callsign);
  SessionNo session_no = live_session(joined.session_id);
  if (session_no == kNone) {
    if (free_session_ == kNone) {
      session_no = static_cast<SessionNo>(sessions_.size());
      sessions_.emplace_back();
    } else {
      session_no = free_session_;
      free_session_ = sessions_[session_no].member;
      sessions_[session_no] = Session{};
    }
    sessions_[session_no].id = std::move(joined.session_id);
    session_index_.insert(sessions_[session_no].id, session_no);
    join_order_.push_back(session_no);
    tombstones_.erase_if(
        [&](const Tombstone& t) { return t.session_id == sessions_[session_no].id; });
    sessions_[session_no].joined_at = joined.at != 0 ? joined.at : now.wall;
  } else if (sessions_[session_no].member != no) {
    go_offline(sessions_[session_no].member, now);
  }
  Session& session = sessions_[session_no];
  if (members_[no].session != session_no) go_online(no, session_no);
  session.member = no;
  session.intro = std::move(joined.intro);
  session.identity_account = std::move(joined.identity_account);
  session.human_authorized = joined.human_authorized;
  session.shared = joined.shared;
  session.ack_explicit = joined.ack_explicit;
  session.last_seen = now.steady;
  members_[no].verified = members_[no].verified || joined.verified;
  if (first_joined_at_ == 0) first_joined_at_ = session.joined_at;
  last_activity_at_ = std::max(last_activity_at_, session.joined_at);
}

void Channel::apply_left(const Left& left, Now now) {
  const SessionNo no = live_session(left.session_id);
  if (no == kNone) return;
  Session& session = sessions_[no];
  forget_tombstones(now);
  if (tombstones_.size() >= kSessionsMax) tombstones_.erase(tombstones_.begin());
  tombstones_.push_back({session.id, members_[session.member].callsign, left.at + kTombstoneLife,
                         left.expired, left.by_operator, left.note, session.identity_account,
                         session.human_authorized, session.shared});
  go_offline(session.member, now);
  for (ReaderNo r = members_[session.member].first_reader; r != kNone; r = readers_[r].next) {
    if (readers_[r].session == no) readers_[r].session = kNone;
  }
  session_index_.erase(session.id, no);
  join_order_.remove(no);
  session = Session{};
  session.in_use = false;
  session.member = std::exchange(free_session_, no);
}

void Channel::forget_tombstones(Now now) {
  tombstones_.erase_if([now](const Tombstone& t) { return t.until <= now.wall; });
}

void Channel::end_key_of(std::string_view callsign) {
  for (Tombstone& tombstone : tombstones_) {
    if (tombstone.callsign == callsign) tombstone.identity_account.clear();
  }
}

const Channel::Tombstone* Channel::find_tombstone(std::string_view session_id, Millis wall) const {
  for (const Tombstone& t : tombstones_) {
    if (t.session_id == session_id && t.until > wall) return &t;
  }
  return nullptr;
}

const Channel::Tombstone* Channel::find_tombstone_of(std::string_view callsign, Millis wall) const {
  for (const Tombstone& t : std::views::reverse(tombstones_)) {
    if (t.expired && t.callsign == callsign && t.until > wall) return &t;
  }
  return nullptr;
}

void Channel::touch(SessionNo session, Now now) {
  sessions_[session].last_seen = now.steady;
  last_activity_at_ = std::max(last_activity_at_, now.wall);
}

TrustPosture Channel::posture(SessionNo session) const {
  if (options_.trust_mode == TrustMode::untrusted) return TrustPosture::untrusted;
  if (!options_.has_owner_password) return TrustPosture::trusted_identity;
  return sessions_[session].is_authorized() ? TrustPosture::trusted_authorized
                                            : TrustPosture::trusted_no_password;
}

}  // namespace rogerthat::core
