// Acts on channels and sessions: made, joined with a key or without, spoken on, left, deleted.
#include "credentials_story.h"

namespace rogerthat::hub::stories {

void Story::create_channel() {
  auto channel = std::make_shared<Channel>();
  channel->durable = random_.below(2) == 0;
  if (const auto* owner = pick(accounts_)) channel->owner = *owner;
  const std::uint32_t shard = hub_.any_shard();
  hub_.post(shard, [this, shard, channel, open_to_all = random_.below(3) > 0] {
    core::ChannelOptions options;
    options.durable = channel->durable;
    options.require_identity = !open_to_all;
    options.loop_guard = core::LoopGuardMode::off;
    options.on_collision = core::OnCollision::reject;
    std::string token;
    core::ChannelRecord record = hub_->new_channel(options, shard, token);
    if (channel->owner) record.owner_account = channel->owner->id;
    channel->id = record.id;
    hub_->shard(shard).create(std::move(record), [this, channel](const auto& created) {
      if (!created) return;
      channel->life = credential("channel " + channel->id);
      channel->life->granted = true;
      channels_.push_back(channel);
    });
  });
}

void Story::delete_channel() {
  const auto* found = pick(channels_);
  if (found == nullptr || random_.below(2) == 0) return;
  const std::shared_ptr<Channel> channel = *found;
  const Needs ending{channel->life};
  promise_.begun(ending);
  on_channel(channel, [this, channel, ending] {
    Shard& shard = home(*channel);
    ChannelEntry* const entry = shard.find(channel->id);
    if (entry == nullptr) return promise_.answered(ending, std::unexpected(no_channel()));
    shard.remove(*entry);
    shard.when_stored([this, ending, &shard] {
      // A disk that refuses has not forgotten the channel.
      if (shard.store_healthy()) promise_.answered(ending, {});
    });
  });
}

// As the api room joins: the key is looked up at the moment of joining.
void Story::join_with(const std::shared_ptr<Channel>& channel, const std::string& key,
                      core::JoinCommand command, Done<JoinReply> done) {
  on_channel(channel,
             [this, channel, key, command = std::move(command), done = std::move(done)]() mutable {
               Shard& shard = home(*channel);
               ChannelEntry* const entry = shard.find(channel->id);
               if (entry == nullptr) return done(std::unexpected(no_channel()));
               if (!key.empty()) {
                 const bool known = hub_->accounts().read([&](const core::Directory& directory) {
                   const core::IdentityRecord* identity = directory.find_key(sha256(key));
                   if (identity == nullptr) return false;
                   command.callsign = identity->callsign;
                   command.identity_account = identity->account;
                   return true;
                 });
                 if (!known) return done(fail(ErrorCode::unauthorized, "no such key"));
               }
               command.handles = &hub_->accounts();
               command.new_session_id = secret("session-");
               shard.join(*entry, std::move(command), std::move(done));
             });
}

void Story::add_session(const std::shared_ptr<Channel>& channel, const JoinReply& reply,
                        Needs needs, bool has_identity) {
  // The same id again is the same session, or takes the place of one that has ended.
  Ref life = credential(fmt::format("a session of {}", reply.callsign));
  life->granted = true;
  const auto same = std::ranges::find_if(sessions_, [&](const Session& other) {
    return other.channel == channel && other.id == reply.session_id;
  });
  if (same != sessions_.end()) {
    if (!same->life->revoked) life = same->life;
    sessions_.erase(same);
  }
  needs.push_back(life);
  sessions_.push_back(
      {reply.session_id, reply.callsign, channel, std::move(needs), life, has_identity});
}

void Story::join() {
  const auto* where = pick(channels_);
  const auto* who = pick(identities_);
  if (where == nullptr || who == nullptr) return;
  const std::shared_ptr<Channel> channel = *where;
  const std::shared_ptr<Identity> identity = *who;
  std::string key = identity->key;
  Ref key_life = identity->key_life;
  if (const auto* old = pick(identity->old_keys); old != nullptr && random_.below(2) == 0) {
    std::tie(key, key_life) = *old;
  }
  const Needs needs{channel->life, identity->account->life, identity->life, key_life,
                    identity->welcome};
  const Promise::Attempt tried = promise_.attempt("a join with " + key_life->name, needs);
  join_with(channel, key, {}, [=, this](const Result<JoinReply>& reply) {
    // Another join of the same callsign may have been answered, and left, in between.
    if (!judge_join(tried, reply)) return;
    EXPECT_EQ(reply->callsign, identity->callsign);
    channel->protected_callsigns.insert(reply->callsign);
    add_session(channel, *reply, needs, true);
  });
}

bool Story::judge_join(Promise::Attempt tried, const Result<JoinReply>& reply) {
  // ... or somebody without a key holds the callsign just then.
  if (!reply && (reply.error().code == ErrorCode::not_joined ||
                 reply.error().code == ErrorCode::session_expired ||
                 reply.error().code == ErrorCode::callsign_taken)) {
    tried.promised = false;
  }
  return promise_.judge(tried, reply);
}

// Without a key: under a handle, be it live or retired, only where that has never joined.
void Story::squat() {
  const auto* where = pick(channels_);
  const auto* who = pick(identities_);
  if (where == nullptr || who == nullptr) return;
  const std::shared_ptr<Channel> channel = *where;
  const std::string callsign = (*who)->callsign;
  const bool is_protected = channel->protected_callsigns.contains(callsign);
  core::JoinCommand command;
  command.callsign = callsign;
  join_with(channel, {}, std::move(command), [=, this](const Result<JoinReply>& reply) {
    if (!reply || reply->callsign != callsign) return;
    EXPECT_FALSE(is_protected) << callsign << " is taken without its key";
    on_channel(channel, [this, channel, id = reply->session_id] {
      ChannelEntry* const entry = home(*channel).find(channel->id);
      if (entry != nullptr) home(*channel).leave(*entry, id, [](const Result<bool>&) {});
    });
  });
}

// With a session id alone, of a session that may have ended.
void Story::come_back() {
  const Session* const session = pick(sessions_);
  if (session == nullptr || !session->has_identity) return;
  core::JoinCommand command;
  command.session_id = session->id;
  if (random_.below(2) == 0) command.callsign = fmt::format("guest-{}", ++names_);
  const auto channel = session->channel;
  const Needs needs = session->needs;
  const Promise::Attempt tried = promise_.attempt("a return as " + session->callsign, needs, false);
  join_with(channel, {}, std::move(command), [=, this](const Result<JoinReply>& reply) {
    if (!reply) return;
    // It may come as somebody else, who has no identity.
    if (!handles_.contains(reply->callsign)) return forget_session(channel, reply->session_id);
    promise_.judge(tried, reply);
  });
}

void Story::forget_session(const std::shared_ptr<Channel>& channel, const std::string& id) {
  std::erase_if(sessions_, [&](const Session& session) {
    return session.channel == channel && session.id == id;
  });
}

// The id of a session that has ended may have come back for a guest.
bool Story::is_somebody_else(const ChannelEntry& entry, core::SessionNo session,
                             std::string_view callsign) {
  return entry.channel.callsign_of(entry.channel.session(session).member) != callsign;
}

void Story::send() {
  const Session* const session = pick(sessions_);
  if (session == nullptr) return;
  const Promise::Attempt tried = promise_.attempt("a send as " + session->callsign, session->needs);
  const auto channel = session->channel;
  on_channel(channel, [this, tried, channel, id = session->id, callsign = session->callsign] {
    Shard& shard = home(*channel);
    ChannelEntry* const entry = shard.find(channel->id);
    if (entry == nullptr)
      return (void)promise_.judge(tried, Result<void>(std::unexpected(no_channel())));
    const auto found = shard.session(*entry, id);
    if (!found) return (void)promise_.judge(tried, found);
    if (is_somebody_else(*entry, *found, callsign)) return;
    SendRequest request;
    request.command.session = *found;
    request.command.text = "hello";
    shard.send(*entry, std::move(request),
               [this, tried](const Result<SendReply>& reply) { promise_.judge(tried, reply); });
  });
}

void Story::listen() {
  const Session* const session = pick(sessions_);
  if (session == nullptr) return;
  const Promise::Attempt tried =
      promise_.attempt("a stream of " + session->callsign, session->needs);
  on_channel(session->channel, [this, tried, channel = session->channel, id = session->id,
                                callsign = session->callsign] {
    Shard& shard = home(*channel);
    ChannelEntry* const entry = shard.find(channel->id);
    if (entry == nullptr)
      return (void)promise_.judge(tried, Result<void>(std::unexpected(no_channel())));
    const auto found = shard.session(*entry, id);
    if (found && is_somebody_else(*entry, *found, callsign)) return;
    if (!promise_.judge(tried, found)) return;
    ReceiveRequest request;
    request.session = *found;
    request.kind = core::ReaderKind::stream;
    shard.receive(*entry, request, promise_.add_stream(tried, callsign));
  });
}

void Story::leave() {
  const Session* const session = pick(sessions_);
  if (session == nullptr) return;
  const Needs ending{session->life};
  promise_.begun(ending);
  on_channel(session->channel, [this, ending, channel = session->channel, id = session->id] {
    Shard& shard = home(*channel);
    ChannelEntry* const entry = shard.find(channel->id);
    if (entry == nullptr) return;
    shard.leave(*entry, id, [this, ending](const Result<bool>& left) {
      if (left && *left) promise_.answered(ending, {});
    });
  });
}

}  // namespace rogerthat::hub::stories
