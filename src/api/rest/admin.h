// Administration: what the operator sees and does, with the admin token. Never content. Handlers
// are called once the token has been checked.
#pragma once

#include "api/access/auth.h"

namespace rogerthat::api {

Result<void> authorise_admin(Call& call);

// Looking (admin.cpp)
void admin_channels(Call& call);
void admin_overview(Call& call);
void admin_bans(Call& call);
void admin_audit(Call& call);

// Acting (admin_acts.cpp)
void admin_kick(Call& call);
void admin_ban(Call& call);
void admin_unban(Call& call);
void admin_close(Call& call);
void admin_send(Call& call);
void admin_stop(Call& call);

}  // namespace rogerthat::api
