// The address of an account: attaching it, and recovering the account by it. The routes
// under /api/account/email and /api/account/recover/email. No answer, and no time that an answer
// takes, tells whether an account has an address.
#pragma once

#include "api/http/request_context.h"

namespace rogerthat::api {

void attach_email(Call& call);
void verify_email(Call& call);
void detach_email(Call& call);
void recover_by_email(Call& call);
void confirm_recovery(Call& call);

}  // namespace rogerthat::api
