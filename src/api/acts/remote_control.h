// Remote control, whoever asks for it: by REST or as a tool. A person's phone and an agent get a
// channel of their own, an identity each, and the link that the phone opens. Making all of it, or
// nothing, and the fields of the answer.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "api/access/auth.h"
#include "api/acts/creation.h"
#include "api/http/body.h"
#include "api/texts/qr.h"
#include "base/error.h"
#include "base/json.h"

namespace rogerthat::api {

struct RemoteWish {
  std::optional<bool> share;  // true: the link is passed on, the owner password stays out of it
};
std::span<const Field<RemoteWish>> remote_fields();

struct RemoteIdentity {
  std::string callsign;
  std::string key;
};

struct RemoteControl {
  MadeChannel channel;
  std::string account_id;
  std::string recovery_token;
  RemoteIdentity agent;
  RemoteIdentity phone;
  bool shared = false;     // the link leaves the owner password out
  std::string mobile_url;  // secrets in its fragment, which no server is sent
  QrCode qr;
};

// A channel of the shard that this runs on. `done` runs there, when everything is stored. Where
// something fails, what was made until then is removed.
using RemoteDone = std::move_only_function<void(Result<RemoteControl>)>;
void make_remote_control(const Asker& asker, std::string origin, RemoteWish wish, RemoteDone done);

// The fields of the answer, within an object.
void write_remote_control(JsonWriter& json, const View& view, const RemoteControl& made);

}  // namespace rogerthat::api
