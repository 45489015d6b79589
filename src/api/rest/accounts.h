// Accounts and identities over REST: creation, recovery, what an account has, and its handles.
// The routes under /api/account, email excepted (account_email.h). What an account may
// do is decided in core; who may ask is read off the session token here.
#pragma once

#include "api/http/request_context.h"
#include "base/error.h"

namespace rogerthat::api {

void create_account(Call& call);
void recover_account(Call& call);
void show_account(Call& call);
void delete_account(Call& call);

void list_account_channels(Call& call);
void delete_account_channel(Call& call);

void create_identity(Call& call);
void list_identities(Call& call);
void delete_identity(Call& call);
void rotate_identity(Call& call);

}  // namespace rogerthat::api
