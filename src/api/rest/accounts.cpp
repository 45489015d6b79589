#include "api/rest/accounts.h"

#include <algorithm>

#include "api/access/accounts.h"
#include "api/access/auth.h"
#include "api/acts/enrolment.h"
#include "api/http/secrets.h"
#include "api/http/told_fields.h"
#include "api/http/unknown_fields.h"
#include "core/directory.h"
#include "core/names.h"
#include "hub/on_shards.h"

namespace rogerthat::api {

namespace {

// What a handler keeps while the directory changes: the answer and what it will say.
struct Changing {
  Answer answer;
  std::string body;
};

// Changes the directory, then answers with `state->body`, or with why not.
template <class Decide>
void change(Call& call, const std::shared_ptr<Changing>& state, Decide decide) {
  call.services.hub.accounts().change(call.shard.number(), std::move(decide),
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

struct RecoverFields {
  std::optional<std::string_view> recovery_token;
  std::optional<bool> revoke;
};
constexpr Field<RecoverFields> kRecoverReads[] = {
    {"recovery_token", read_member<&RecoverFields::recovery_token>},
    {"revoke", read_member<&RecoverFields::revoke>},
};
static_assert(reads_as_told<RecoverFields>(kRecoverReads, kRecoverFields));

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

void create_account(Call& call) {
  const Asker who = asker(call);
  if (auto ok = require_hub_token(who, credentials(call)); !ok) {
    return call.answer.error(ok.error());
  }
  if (auto ok = take_limit(who, hub::Limited::account); !ok) {
    return call.answer.error(ok.error());
  }
  make_account(who, [answer = std::move(call.answer)](const Result<MadeAccount>& made) mutable {
    if (!made) return answer.error(made.error());
    std::string& body = scratch();
    JsonWriter json(body);
    json.begin_object();
    write_made_account(json, *made);
    json.end_object();
    answer.json(body);
  });
}

void recover_account(Call& call) {
  const Asker who = asker(call);
  if (auto ok = may_guess(who); !ok) return call.answer.error(ok.error());
  FieldReader reader;
  RecoverFields in;
  if (auto ok = read_body(call, reader, part(kRecoverReads, in)); !ok) {
    return call.answer.error(ok.error());
  }
  if (!in.recovery_token) {
    return call.answer.error({ErrorCode::invalid, "recovery_token is missing."});
  }

  const Secret session = mint_secret(kSessionPrefix, random_source());
  auto state = changing(call);
  call.services.hub.accounts().change(
      call.shard.number(),
      [state, session, recovery = sha256(*in.recovery_token), all = in.revoke.value_or(false)](
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
  if (!found) return call.answer.error(unknown_session());
  call.answer.json(body);
}

namespace {

// Channels of an account live on any shard.
struct Visiting {
  Answer answer;
  std::string account;
  std::vector<std::pair<Millis, std::string>> found;  // created_at, as JSON
};

void write_own_channel(std::string& out, const hub::ChannelEntry& entry) {
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
        shard.each_channel_of(visiting.account, [&](const hub::ChannelEntry& entry) {
          std::string json;
          write_own_channel(json, entry);
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
  call.shard.when_stored([answer, &shard = call.shard] {
    if (shard.store_healthy()) return answer->json("{\"ok\":true}");
    answer->error(hub::not_stored());  // after a crash just now it would be there again
  });
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
  const Asker who = asker(call);
  if (auto ok = take_limit(who, hub::Limited::identity); !ok) {
    return call.answer.error(ok.error());
  }
  FieldReader reader;
  IdentityFields fields;
  if (auto ok = read_body(call, reader, part(identity_fields(), fields)); !ok) {
    return call.answer.error(ok.error());
  }
  auto callsign = read_identity_wish(reader, fields);
  if (!callsign) return call.answer.error(callsign.error());
  make_identity(who, std::move(*account), std::move(*callsign),
                [answer = std::move(call.answer)](const Result<MadeIdentity>& made) mutable {
                  if (!made) return answer.error(made.error());
                  std::string& text = scratch();
                  JsonWriter json(text);
                  json.begin_object();
                  write_made_identity(json, *made);
                  json.end_object();
                  answer.json(text);
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
         [account = std::move(*account), callsign = core::normalise_callsign(call.match.last())](
             const core::Directory& directory, Millis) {
           return directory.remove_identity(account, callsign);
         });
}

void rotate_identity(Call& call) {
  auto account = account_of(call);
  if (!account) return call.answer.error(account.error());
  // Ending what the old key has opened takes a look at every channel.
  if (auto ok = take_limit(asker(call), hub::Limited::identity); !ok) {
    return call.answer.error(ok.error());
  }
  const Secret key = mint_secret(kIdentityPrefix, random_source());
  std::string callsign = core::normalise_callsign(call.match.last());
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
