#include "api/accounts.h"

#include <algorithm>

#include "api/auth.h"
#include "api/body.h"
#include "api/elsewhere.h"
#include "api/secrets.h"
#include "core/directory.h"
#include "core/names.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kAccountIdBytes = 12;

// What a handler keeps while the directory changes: the answer and what it will say.
struct Changing {
  Answer answer;
  std::string body;
};

// Changes the directory, then answers with `state->body`, or with why not.
template <class Decide>
void change(Call& call, std::shared_ptr<Changing> state, Decide decide) {
  call.services.hub.accounts().change(
      call.shard.number(),
      [state, decide = std::move(decide)](const core::Directory& directory, Millis wall) mutable {
        return decide(directory, wall);
      },
      [state](const Result<void>& done) {
        if (done) {
          state->answer.json(state->body);
        } else {
          state->answer.error(done.error());
        }
      });
}

std::shared_ptr<Changing> changing(Call& call) {
  return std::make_shared<Changing>(Changing{std::move(call.answer), "{\"ok\":true}"});
}

Error wrong_session() {
  return {ErrorCode::unauthorized, "This session_token is not known, or was not used for 30 days.",
          "POST /api/account/recover with the recovery_token gives a fresh one."};
}

void write_identities(JsonWriter& json, const core::Directory& directory,
                      std::string_view account) {
  json.key("identities").begin_array();
  for (const core::IdentityRecord* identity : directory.identities_of(account)) {
    json.begin_object();
    json.field("callsign", identity->callsign).field("created_at", identity->created_at);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

Result<std::string> account_of(Call& call) {
  const auto token = bearer(call.headers.authorization);
  if (!token) {
    return fail(ErrorCode::unauthorized, "This asks for the session_token of an account.",
                "Send 'Authorization: Bearer <session_token>'.");
  }
  if (auto ok = may_guess(asker(call)); !ok) return std::unexpected(ok.error());
  const Digest hash = sha256(*token);
  hub::Accounts& accounts = call.services.hub.accounts();
  const Millis wall = call.now().wall;
  struct Found {
    std::string account;
    bool stale = false;
  };
  const Found found = accounts.read([&](const core::Directory& directory) {
    const core::AccountRecord* record = directory.find_session(hash, wall);
    if (record == nullptr) return Found{};
    return Found{record->id, directory.session_used(hash, wall).has_value()};
  });
  if (found.account.empty()) return std::unexpected(wrong_secret(asker(call), wrong_session()));
  if (found.stale) {
    accounts.change(
        call.shard.number(),
        [hash](const core::Directory& directory, Millis at) -> Result<core::DirectoryChanges> {
          core::DirectoryChanges changes;
          if (auto used = directory.session_used(hash, at)) changes.push_back(std::move(*used));
          return changes;
        },
        [](const Result<void>&) {});
  }
  return found.account;
}

void create_account(Call& call) {
  if (auto ok = require_hub_token(asker(call), credentials(call)); !ok) {
    return call.answer.error(ok.error());
  }
  if (auto ok = take_limit(asker(call), hub::Limited::account); !ok) {
    return call.answer.error(ok.error());
  }
  Random& random = random_source();
  const Secret recovery = mint_secret(kRecoveryPrefix, random);
  const Secret session = mint_secret(kSessionPrefix, random);
  core::NewAccount made{"acc_" + random.token(kAccountIdBytes), recovery.hash, session.hash};

  auto state = changing(call);
  state->body.clear();
  JsonWriter json(state->body);
  json.begin_object().field("account_id", made.id);
  json.field("recovery_token", recovery.text).field("session_token", session.text);
  json.field("notice",
             "The recovery_token is shown this once: keep it where only you can read it. Without "
             "it, and without a verified email, a lost session_token cannot be replaced.");
  json.end_object();
  change(call, std::move(state),
         [made = std::move(made)](const core::Directory& directory, Millis wall) {
           return Result<core::DirectoryChanges>(directory.create_account(made, wall));
         });
}

void recover_account(Call& call) {
  const Asker who = asker(call);
  if (auto ok = may_guess(who); !ok) return call.answer.error(ok.error());
  const auto body = parse_body(call.request.body);
  if (!body) return call.answer.error(body.error());
  std::optional<std::string_view> token;
  std::optional<bool> revoke;
  FieldReader reader;
  if (*body) {
    (*body)->each_field([&](std::string_view key, JsonValue value) {
      if (key == "recovery_token")
        reader.read(key, value, token);
      else if (key == "revoke")
        reader.read(key, value, revoke);
    });
  }
  if (!token) reader.complain("recovery_token is missing.");
  if (reader.error()) return call.answer.error(*reader.error());

  const Secret session = mint_secret(kSessionPrefix, random_source());
  auto state = changing(call);
  call.services.hub.accounts().change(
      call.shard.number(),
      [state, session, recovery = sha256(*token), all = revoke.value_or(false)](
          const core::Directory& directory, Millis wall) -> Result<core::DirectoryChanges> {
        auto recovered = directory.recover(recovery, session.hash, all, wall);
        if (!recovered) return std::unexpected(recovered.error());
        state->body.clear();
        JsonWriter json(state->body);
        json.begin_object().field("account_id", recovered->account);
        json.field("session_token", session.text).end_object();
        return std::move(recovered->changes);
      },
      [state, who](const Result<void>& done) {
        if (done) return state->answer.json(state->body);
        const bool wrong = done.error().code == ErrorCode::unauthorized;
        state->answer.error(wrong ? wrong_secret(who, done.error()) : done.error());
      });
}

void show_account(Call& call) {
  const auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  std::string& body = scratch();
  const bool found = call.services.hub.accounts().read([&](const core::Directory& directory) {
    const core::AccountRecord* record = directory.find_account(*account);
    if (record == nullptr) return false;
    JsonWriter json(body);
    json.begin_object();
    json.field("account_id", record->id).field("created_at", record->created_at);
    const bool pending = record->code && record->code->purpose == core::EmailCode::Purpose::attach;
    if (!record->email.empty()) {
      json.field("email", record->email).field("email_verified", true);
      if (pending) json.field("email_pending", record->code->email);
    } else if (pending) {
      json.field("email", record->code->email).field("email_verified", false);
    }
    write_identities(json, directory, *account);
    json.end_object();
    return true;
  });
  if (!found) return call.answer.error(wrong_session());
  call.answer.json(body);
}

namespace {

// Channels of an account live on any shard.
struct Visiting {
  Answer answer;
  std::string account;
  std::vector<std::pair<Millis, std::string>> found;  // created_at, as JSON
};

void write_channel(std::string& out, const hub::ChannelEntry& entry) {
  const core::ChannelRecord& record = entry.record;
  JsonWriter json(out);
  json.begin_object();
  json.field("id", record.id).field("created_at", record.created_at);
  json.field("retention", core::to_string(record.options.retention));
  json.field("trust_mode", core::to_string(record.options.trust_mode));
  json.field("require_identity", record.options.require_identity);
  json.field("agent_count", static_cast<std::uint64_t>(entry.channel.agent_count()));
  json.end_object();
}

}  // namespace

void list_account_channels(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  auto state = std::make_shared<Visiting>(Visiting{std::move(call.answer), *account, {}});
  on_every_shard(
      call.services.hub, call.shard.number(), std::move(state),
      [](Visiting& visiting, hub::Shard& shard) {
        shard.each_channel([&](hub::ChannelEntry& entry) {
          if (entry.record.owner_account != visiting.account) return;
          std::string json;
          write_channel(json, entry);
          visiting.found.emplace_back(entry.record.created_at, std::move(json));
        });
      },
      [](const std::shared_ptr<Visiting>& visiting) {
        std::ranges::sort(visiting->found);
        std::string& body = scratch();
        JsonWriter json(body);
        json.begin_object().key("channels").begin_array();
        for (const auto& [created_at, channel] : visiting->found) json.raw(channel);
        json.end_array().end_object();
        visiting->answer.json(body);
      });
}

// The channel's own shard: the router has moved the call there.
void delete_account_channel(Call& call) {
  const auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  hub::ChannelEntry* const entry = call.shard.find(call.match.channel());
  if (entry == nullptr || entry->record.owner_account != *account) {
    return call.answer.error({ErrorCode::not_found, "This account has no such channel.",
                              "GET /api/account/channels lists them."});
  }
  call.shard.remove(*entry);
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.shard.when_stored([answer] { answer->json("{\"ok\":true}"); });
}

// Its channels stay, without an owner: others talk on them.
void delete_account(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  change(call, changing(call),
         [account = std::move(*account)](const core::Directory& directory, Millis) {
           return directory.remove_account(account);
         });
}

void create_identity(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  if (auto ok = take_limit(asker(call), hub::Limited::identity); !ok) {
    return call.answer.error(ok.error());
  }
  const auto body = parse_body(call.request.body);
  if (!body) return call.answer.error(body.error());
  TextField sent;
  FieldReader reader;
  if (*body) {
    (*body)->each_field([&](std::string_view key, JsonValue value) {
      if (key == "callsign") reader.read(key, value, sent);
    });
  }
  std::optional<std::string> callsign;
  if (sent.present()) {
    std::string normalised = core::normalise_callsign(sent.view());
    if (!core::is_valid_callsign(normalised)) {
      reader.complain(std::string("callsign must match ") + core::kCallsignPattern + ".");
    } else if (core::is_reserved_callsign(normalised)) {
      reader.complain("This callsign is reserved.", "Take another, or leave callsign out.");
    }
    callsign = std::move(normalised);
  }
  if (reader.error()) return call.answer.error(*reader.error());

  const Secret key = mint_secret(kIdentityPrefix, random_source());
  auto state = changing(call);
  const auto policy = call.services.options.handles;
  change(call, state,
         [state, key, policy, account = std::move(*account), callsign = std::move(callsign)](
             const core::Directory& directory, Millis wall) -> Result<core::DirectoryChanges> {
           auto made = directory.create_identity(account, callsign, key.hash, policy,
                                                 random_source(), wall);
           if (!made) return std::unexpected(made.error());
           state->body.clear();
           JsonWriter json(state->body);
           json.begin_object().field("callsign", made->callsign);
           json.field("identity_key", key.text);
           json.field("notice", callsign && *callsign != made->callsign
                                    ? "The identity_key is shown this once. This hub allots "
                                      "callsigns: yours was not taken."
                                    : "The identity_key is shown this once.");
           json.end_object();
           return std::move(made->changes);
         });
}

void list_identities(Call& call) {
  const auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object();
  call.services.hub.accounts().read(
      [&](const core::Directory& directory) { write_identities(json, directory, *account); });
  json.end_object();
  call.answer.json(body);
}

void delete_identity(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  change(call, changing(call),
         [account = std::move(*account),
          callsign = core::normalise_callsign(call.match.parameters[0])](
             const core::Directory& directory, Millis) {
           return directory.remove_identity(account, callsign);
         });
}

void rotate_identity(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  const Secret key = mint_secret(kIdentityPrefix, random_source());
  std::string callsign = core::normalise_callsign(call.match.parameters[0]);
  auto state = changing(call);
  state->body.clear();
  JsonWriter json(state->body);
  json.begin_object().field("callsign", callsign).field("identity_key", key.text);
  json.field("notice", "The identity_key is shown this once; the old one has ended.").end_object();
  change(call, state,
         [account = std::move(*account), callsign = std::move(callsign), hash = key.hash](
             const core::Directory& directory, Millis) {
           return directory.rotate_identity(account, callsign, hash);
         });
}

}  // namespace rogerthat::api
