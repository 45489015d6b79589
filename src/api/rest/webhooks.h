// The routes of webhooks, for channels and for accounts alike: making and ending them, their
// secrets, and what became of their deliveries.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void create_webhook(Call& call);
void list_webhooks(Call& call);
void delete_webhook(Call& call);
void rotate_webhook(Call& call);
void list_deliveries(Call& call);

}  // namespace rogerthat::api
