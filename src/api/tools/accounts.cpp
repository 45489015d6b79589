// The tools create_account, create_identity and open_remote_control.
#include "api/access/accounts.h"

#include <fmt/format.h>

#include "api/acts/enrolment.h"
#include "api/acts/remote_control.h"
#include "api/tools/handlers.h"
#include "api/tools/result.h"

namespace rogerthat::api {

namespace {

struct TokenFields {
  std::optional<std::string_view> session_token;
};
constexpr Field<TokenFields> kTokenReads[] = {
    {"session_token", read_member<&TokenFields::session_token>},
};

ToolResult account_result(const MadeAccount& made) {
  ToolResult result;
  JsonWriter json(result.structured);
  json.begin_object();
  write_made_account(json, made);
  json.end_object();
  result.text = fmt::format(
      "Account {}. Keep both where only you can read them; they are shown this once.\n"
      "recovery_token: {}\nsession_token: {}\n"
      "Next: create_identity with the session_token.",
      made.id, made.recovery_token, made.session_token);
  return result;
}

ToolResult identity_result(const MadeIdentity& made) {
  ToolResult result;
  JsonWriter json(result.structured);
  json.begin_object();
  write_made_identity(json, made);
  json.end_object();
  result.text = fmt::format(
      "{}{} is yours on this hub. Pass this identity_key to join, on any channel; it is shown this "
      "once: {}",
      made.not_as_wished ? "This hub allots callsigns. " : "", made.callsign, made.identity_key);
  return result;
}

ToolResult remote_result(const View& view, const RemoteControl& made) {
  constexpr std::string_view kPicture = "data:image/png;base64,";
  ToolResult result;
  JsonWriter json(result.structured);
  json.begin_object();
  write_remote_control(json, view, made);
  json.end_object();
  result.add_image("image/png", std::string_view(made.qr.data_url).substr(kPicture.size()));
  result.text = fmt::format(
      "Show your person the QR code (the image, or qr_ascii_clean where there is only text), or "
      "give them this link{}:\n{}\n"
      "Now join: channel_id {}, token {}, identity_key {}, owner_password {}. Your person will be "
      "{}. Then wait, do what they ask, answer, wait again.\n"
      "recovery_token, to close all of this later: {}",
      made.shared ? ", and on another way the owner_password below, which it asks for"
                  : " where nobody else reads it; whoever opens it speaks as your person",
      made.mobile_url, made.channel.record.id, made.channel.token, made.agent.key,
      made.channel.owner_password, made.phone.callsign, made.recovery_token);
  return result;
}

}  // namespace

void tool_create_account(ToolCall& call) {
  FieldReader reader;
  Handles none;
  if (failed(call.reply, read_arguments(call, reader, none))) return;
  const Asker who = call.asker();
  if (failed(call.reply, require_hub_token(who, call.caller.credentials()))) return;
  if (failed(call.reply, take_limit(who, hub::Limited::account))) return;
  make_account(who, [answer = std::move(call.reply)](const Result<MadeAccount>& made) mutable {
    if (!failed(answer, made)) account_result(*made).send(answer);
  });
}

void tool_create_identity(ToolCall& call) {
  const Asker who = call.asker();
  FieldReader reader;
  Handles none;
  TokenFields in;
  IdentityFields fields;
  auto read =
      read_arguments(call, reader, none, part(kTokenReads, in), part(identity_fields(), fields));
  if (read && !in.session_token) {
    read = fail(ErrorCode::invalid, "session_token is missing.", "create_account gives one.");
  }
  if (failed(call.reply, read)) return;
  auto callsign = read_identity_wish(reader, fields);
  if (failed(call.reply, callsign)) return;
  auto account = account_of_token(who, *in.session_token);
  if (failed(call.reply, account)) return;
  if (failed(call.reply, take_limit(who, hub::Limited::identity))) return;
  make_identity(who, std::move(*account), std::move(*callsign),
                [answer = std::move(call.reply)](const Result<MadeIdentity>& made) mutable {
                  if (!failed(answer, made)) identity_result(*made).send(answer);
                });
}

void tool_open_remote_control(ToolCall& call) {
  const Asker who = call.asker();
  if (failed(call.reply, require_hub_token(who, call.caller.credentials()))) return;
  FieldReader reader;
  Handles none;
  RemoteWish wish;
  if (failed(call.reply, read_arguments(call, reader, none, part(remote_fields(), wish)))) return;
  if (failed(call.reply, take_limit(who, hub::Limited::remote_control))) return;
  View view = call.caller.view();
  std::string origin = view.origin;
  make_remote_control(who, std::move(origin), wish,
                      [answer = std::move(call.reply),
                       view = std::move(view)](const Result<RemoteControl>& made) mutable {
                        if (!failed(answer, made)) remote_result(view, *made).send(answer);
                      });
}

}  // namespace rogerthat::api
