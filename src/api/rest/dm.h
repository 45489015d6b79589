// Direct messages between identities: send, inbox, wait, stream, ack, block. The routes
// under /api/dm. An inbox is a channel that nobody but its handle reads and only messages enter, so
// delivery, cursors and hand-over are those of channels.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void dm_send(Call& call);
void dm_inbox(Call& call);
void dm_wait(Call& call);
void dm_stream(Call& call);
void dm_ack(Call& call);
void dm_block(Call& call);
void dm_unblock(Call& call);
void dm_blocked(Call& call);

}  // namespace rogerthat::api
