// The way to an inbox: who asks by which identity key, on which shard the inbox lives, and making
// it where it does not exist yet. What all routes of direct messages begin with.
#pragma once

#include <string>
#include <string_view>

#include "api/access/auth.h"

namespace rogerthat::api {

// By X-Identity-Key; a wrong one counts as a guess.
Result<IdentityCaller> identity_of(const Call& call);
Error unknown_identity_key();

// True: the call runs where that inbox lives. False: it has been moved there, and comes again.
bool at_home_of(Call& call, std::string_view handle);

// The inbox of that handle, made where there is none. `done` may run before the call returns.
void open_inbox(const Asker& asker, const std::string& handle, hub::Done<hub::ChannelEntry*> done);

// ... with the session of its owner, to read by.
struct OwnInbox {
  hub::ChannelEntry* entry = nullptr;
  core::SessionNo session = core::kNone;
};
void open_own_inbox(const Asker& asker, const IdentityCaller& owner, hub::Done<OwnInbox> done);

}  // namespace rogerthat::api
