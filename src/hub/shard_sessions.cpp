// Joining, leaving and falling asleep on a shard.
#include <utility>

#include "core/names.h"
#include "core/transcript.h"
#include "hub/awaits.h"
#include "hub/bans.h"
#include "hub/once.h"
#include "hub/shard.h"

namespace rogerthat::hub {

using core::kNone;

namespace {

core::AddressBytes address_of(const ChannelEntry& entry, core::SessionNo session) {
  return session < entry.addresses.size() ? entry.addresses[session] : core::AddressBytes{};
}

void note_address(ChannelEntry& entry, core::SessionNo session, const core::AddressBytes& address) {
  if (address_of(entry, session) == address) return;
  if (entry.addresses.size() <= session) entry.addresses.resize(session + 1);
  entry.addresses[session] = address;
}

}  // namespace

void Shard::join(ChannelEntry& entry, core::JoinCommand command, Done<JoinReply> done) {
  if (draining_) {
    done(fail(ErrorCode::unavailable, "The server is going down.", "Try again in a few seconds."));
    return;
  }
  if (auto ok = disk_ready(entry); !ok) {
    done(std::unexpected(ok.error()));
    return;
  }
  if (command.new_session_id.empty()) command.new_session_id = random_.token(18);
  if (command.spare_callsign.empty()) command.spare_callsign = core::random_callsign(random_);
  auto plan = entry.channel.decide_join(command, now_);
  if (!plan) {
    done(std::unexpected(plan.error()));
    return;
  }
  const core::Party party{entry.record.id, plan->callsign, command.identity_account,
                          command.address};
  if (auto banned = bans_ == nullptr ? std::nullopt : bans_->of(party)) {
    done(std::unexpected(std::move(*banned)));
    return;
  }
  const bool was_joined = entry.record.ever_joined;
  for (core::Event& event : plan->events) {
    if (const auto* ousted = std::get_if<core::Left>(&event)) {
      const auto session = entry.channel.find_session(ousted->session_id, now_);
      const core::MemberNo member = session ? entry.channel.session(*session).member : kNone;
      apply_left(entry, *ousted);
      end_awaits(entry, member);
    } else {
      apply_joined(entry, std::move(std::get<core::Joined>(event)));
    }
  }
  // The session may be gone again by the time of the answer: it is named by its id.
  const auto session = entry.channel.find_session(plan->session_id, now_);
  if (session) {
    entry.channel.touch(*session, now_);
    note_address(entry, *session, command.address);
  }
  in_motion(entry);
  const bool needs_disk = entry.record.options.durable;
  const bool is_first = entry.record.ever_joined && !was_joined;
  auto answer = once([this, handle = entry.handle, plan = std::move(*plan), needs_disk,
                      done = std::move(done)](bool stored) mutable {
    ChannelEntry* const joined = find(handle);
    if ((!stored && needs_disk) || joined == nullptr) {
      return done(fail(ErrorCode::unavailable, "The join could not be stored.", "Try again."));
    }
    const auto live = joined->channel.find_session(plan.session_id, now_);
    if (!live) return done(std::unexpected(live.error()));
    done(JoinReply{*live, plan.session_id, plan.callsign, plan.human_authorized, plan.idempotent,
                   plan.collision_warning});
  });
  if (is_first) {
    after_batch(std::move(answer));
  } else {
    after_commit(entry, std::move(answer));
  }
}

// What a channel in memory has held is gone with the process, and whoever comes back is told so:
// all that it takes is to know that the channel was in use. The first join waits until that is on
// disk, so that no message can come before it.
void Shard::note_first_join(ChannelEntry& entry) {
  if (entry.record.ever_joined || !store_healthy_) return;
  entry.record.ever_joined = true;
  if (entry.record.options.band) {
    batch_.records.push_back({store::RecordKind::band, entry.record.id, std::string()});
    return;
  }
  entry.record.last_activity_at = now_.wall;
  batch_.put_channels.push_back(entry.record);
}

void Shard::apply_joined(ChannelEntry& entry, core::Joined joined) {
  if (joined.at == 0) joined.at = now_.wall;
  const auto before = entry.channel.find_session(joined.session_id, now_);
  std::string old_callsign;
  if (before) {
    old_callsign = entry.channel.member(entry.channel.session(*before).member).callsign;
    if (old_callsign != joined.callsign) {  // readers belong to a callsign: they start again
      end_readers(entry, *before, EndReason::superseded);
      write_transcript(entry,
                       core::left_entry(entry.record.options.retention, old_callsign, now_.wall));
      announce(entry, old_callsign, false);
      hook_session(entry, old_callsign, false);
    }
  }
  const std::string callsign = joined.callsign;
  const std::string session_id = joined.session_id;
  core::Event event = std::move(joined);
  journal(entry, event);
  entry.channel.apply(std::move(event), now_);
  snapshot_if_due(entry);
  if (callsign == old_callsign) return;

  write_transcript(entry, core::joined_entry(entry.record.options.retention, callsign, now_.wall));
  const auto session = entry.channel.find_session(session_id, now_);
  if (session && !before) watch_session(entry, *session);
  note_first_join(entry);
  if (!entry.record.options.inbox) count(counters_.joins_total);
  announce(entry, callsign, true);
  hook_session(entry, callsign, true);
}

Result<core::SessionNo> Shard::session(ChannelEntry& entry, std::string_view session_id) {
  const auto found = entry.channel.find_session(session_id, now_);
  if (found) entry.channel.touch(*found, now_);
  return found;
}

void Shard::leave(ChannelEntry& entry, std::string_view session_id, Done<bool> done) {
  const auto left = entry.channel.decide_leave(session_id, now_);
  if (!left) {
    done(false);
    return;
  }
  if (auto ok = disk_ready(entry); !ok) {
    done(std::unexpected(ok.error()));
    return;
  }
  apply_left(entry, *left);
  after_commit(entry, once([done = std::move(done)](bool stored) mutable {
                 if (stored) return done(true);
                 done(fail(ErrorCode::unavailable, "The leave could not be stored.", "Try again."));
               }));
}

void Shard::apply_left(ChannelEntry& entry, const core::Left& left, EndReason reason) {
  const auto session = entry.channel.find_session(left.session_id, now_);
  if (!session) return;
  const std::string callsign =
      entry.channel.member(entry.channel.session(*session).member).callsign;
  end_readers(entry, *session, reason);
  core::Event event = left;
  journal(entry, event);
  entry.channel.apply(std::move(event), now_);
  write_transcript(entry, core::left_entry(entry.record.options.retention, callsign, now_.wall));
  snapshot_if_due(entry);
  announce(entry, callsign, false);
  hook_session(entry, callsign, false);
}

void Shard::end_identity(std::string_view callsign) {
  each_channel([&](ChannelEntry& entry) {
    entry.channel.end_key_of(callsign);
    const core::MemberNo member = entry.channel.find_member(callsign);
    if (member == kNone || !entry.channel.online(member)) return;
    const core::Session& session = entry.channel.session(entry.channel.member(member).session);
    if (session.identity_account.empty()) return;
    apply_left(entry, {session.id, false, now_.wall});
    entry.channel.end_key_of(callsign);
    end_awaits(entry, member);
  });
}

std::size_t Shard::end_sessions(ChannelEntry& entry,
                                const std::function<bool(const core::Party&)>& meant,
                                EndReason reason, std::string_view note) {
  std::vector<core::SessionNo> ending;
  for (const core::SessionNo no : entry.channel.join_order()) {
    const core::Session& session = entry.channel.session(no);
    const core::Party party{entry.record.id, entry.channel.callsign_of(session.member),
                            session.identity_account, address_of(entry, no)};
    if (meant(party)) ending.push_back(no);
  }
  for (const core::SessionNo no : ending) end_session(entry, no, reason, note);
  return ending.size();
}

void Shard::end_session(ChannelEntry& entry, core::SessionNo session, EndReason reason,
                        std::string_view note) {
  const core::MemberNo member = entry.channel.session(session).member;
  core::Left left{entry.channel.session(session).id, false, now_.wall};
  left.by_operator = true;
  left.note = note;
  apply_left(entry, left, reason);
  end_awaits(entry, member);
  if (reason != EndReason::banned) return;
  entry.observations.erase_if(
      [member](const Observation& observation) { return observation.viewer == member; });
}

// What it has sent is sent; it hears no more of what becomes of it.
void Shard::end_awaits(ChannelEntry& entry, core::MemberNo sender) {
  for (std::size_t i = 0; i < entry.awaits.size();) {
    if (entry.awaits[i]->from != sender) {
      ++i;
      continue;
    }
    entry.awaits[i]->reply.await_timed_out = true;
    resolve_await(entry, i);
  }
}

void Shard::watch_session(ChannelEntry& entry, core::SessionNo session) {
  if (entry.session_due.size() <= session) entry.session_due.resize(session + 1);
  const Millis due = now_.steady + entry.record.options.session_ttl;
  entry.session_due[session] = due;
  wheel_.add({kSessionIdle, entry.handle.slot, entry.handle.generation, session, due});
}

void Shard::session_idle(ChannelEntry& entry, core::SessionNo no, Millis due) {
  if (no >= entry.session_due.size() || entry.session_due[no] != due) return;
  if (no >= entry.channel.session_slots() || !entry.channel.session(no).in_use) return;
  const auto left = disk_ready(entry) ? entry.channel.decide_expiry(no, now_) : std::nullopt;
  if (left) {
    apply_left(entry, *left);
    return;
  }
  // Not idle long enough, or something is attached: look again when it could be.
  const Millis ttl = entry.record.options.session_ttl;
  Millis next = entry.channel.session(no).last_seen + ttl;
  if (next <= now_.steady) next = now_.steady + std::min<Millis>(ttl, kMinute);
  entry.session_due[no] = next;
  wheel_.add({kSessionIdle, entry.handle.slot, entry.handle.generation, no, next});
}

void Shard::end_readers(ChannelEntry& entry, core::SessionNo session, EndReason reason) {
  std::vector<core::ReaderNo> ending;
  const core::Member& member = entry.channel.member(entry.channel.session(session).member);
  for (core::ReaderNo no = member.first_reader; no != kNone; no = entry.channel.reader(no).next) {
    const core::Reader& reader = entry.channel.reader(no);
    if (reader.session == session && reader.unanswered()) ending.push_back(no);
  }
  for (const core::ReaderNo no : ending) {
    if (entry.channel.reader(no).in_use) end_reader(entry, no, reason);
  }
}

void Shard::announce(ChannelEntry& entry, std::string_view callsign, bool joined) {
  if (entry.channel.readers_attached() == 0 && entry.observations.empty()) return;
  const auto tell = [this, handle = entry.handle, callsign = std::string(callsign),
                     joined](bool stored) {
    ChannelEntry* channel = stored ? find(handle) : nullptr;
    if (channel != nullptr) tell_presence(*channel, callsign, joined);
  };
  after_commit(entry, tell);
}

void Shard::tell_presence(ChannelEntry& entry, std::string_view callsign, bool joined) {
  for (const Observation& observation : entry.observations) {
    if (observation.what == Observed::roster) observation.observer->changed();
  }
  const Presence presence{joined, callsign, nullptr};
  for (core::ReaderNo no = 0; no < entry.channel.reader_slots(); ++no) {
    core::Reader& reader = entry.channel.reader(no);
    const bool listens = reader.in_use && reader.waiting && reader.hold == 0 && !reader.blocked;
    if (!listens || !reader.presence) continue;
    if (!entry.receivers[no]->announce(presence)) reader.blocked = true;
  }
}

}  // namespace rogerthat::hub
