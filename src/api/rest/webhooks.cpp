#include "api/rest/webhooks.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "api/access/accounts.h"
#include "api/access/channel_caller.h"
#include "api/http/told_fields.h"
#include "api/http/unknown_fields.h"
#include "api/rest/accounts.h"
#include "outbox/hook_secret.h"
#include "outbox/hook_url.h"
#include "outbox/webhook_service.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kHookIdBytes = 12;

bool is_account_route(const Call& call) {
  return call.match.route->auth == RouteAuth::account;
}

std::string hook_id(const Call& call) {
  return std::string(call.match.last());
}

Error no_such_hook() {
  return {ErrorCode::not_found, "There is no such webhook here.", "GET …/webhooks lists them."};
}

// Whose webhooks a call is about.
struct HookOwner {
  std::string id;  // of the account or the channel
  bool account = false;
  ChannelCaller caller;  // a channel's
};

Result<HookOwner> hook_owner(Call& call) {
  if (is_account_route(call)) {
    auto account = account_of(call);
    if (!account) return std::unexpected(account.error());
    return HookOwner{std::move(*account), true, {}};
  }
  const auto caller = channel_caller(call);
  if (!caller) return std::unexpected(caller.error());
  if (caller->entry->record.options.band) {
    return fail(ErrorCode::forbidden, "The public bands have no webhooks.",
                "Create a channel of your own, or listen to the band.");
  }
  return HookOwner{caller->entry->record.id, false, *caller};
}

// --- What a body may ask for.

Result<std::uint8_t> read_events(const std::vector<std::string>& names, bool account) {
  std::uint8_t events = 0;
  for (const std::string& name : names) {
    const auto event = core::parse_hook_event(name);
    const bool heard = event && (!account || *event == core::HookEvent::message_received);
    if (event && !heard) {
      return fail(ErrorCode::invalid,
                  fmt::format("events: {} is for the webhooks of channels.", name),
                  "A webhook of an account hears message.received.");
    }
    if (!event) {
      return fail(ErrorCode::invalid, "events holds a name that is no event.",
                  "Events are message.received, session.joined and session.left.");
    }
    events |= static_cast<std::uint8_t>(*event);
  }
  if (events != 0) return events;
  return fail(ErrorCode::invalid, "events must name at least one event.",
              "Leave it out for message.received.");
}

struct Wanted {
  std::string url;
  net::Url parsed;
  std::uint8_t events = static_cast<std::uint8_t>(core::HookEvent::message_received);
};

struct HookFields {
  std::string_view url;
  std::optional<std::vector<std::string>> events;
};

void read_event_names(FieldReader& reader, std::string_view name, JsonValue value, HookFields& in) {
  if (!reader.is(name, value, JsonValue::Type::array)) return;
  in.events.emplace();
  value.each_item([&](JsonValue item) {
    const bool text = item.is(JsonValue::Type::string);
    in.events->push_back(text ? std::string(item.string()) : std::string());
  });
}

constexpr Field<HookFields> kHookReads[] = {
    {"url", read_member<&HookFields::url>},
    {"events", read_event_names},
};
static_assert(reads_as_told<HookFields>(kHookReads, kWebhookFields));
static_assert(reads_as_told<HookFields>(kHookReads, kAccountWebhookFields));

Result<Wanted> read_wanted(Call& call, bool account) {
  FieldReader reader;
  HookFields in;
  if (auto ok = read_body(call, reader, part(kHookReads, in)); !ok) {
    return std::unexpected(ok.error());
  }
  auto parsed = outbox::parse_hook_url(in.url);
  if (!parsed) return std::unexpected(parsed.error());
  Wanted wanted{std::string(in.url), std::move(*parsed)};
  if (!in.events) return wanted;
  const auto read = read_events(*in.events, account);
  if (!read) return std::unexpected(read.error());
  wanted.events = *read;
  return wanted;
}

// --- What is answered.

void write_hook(JsonWriter& json, const core::WebhookRecord& hook) {
  json.field("url", hook.url);
  json.key("events").begin_array();
  for (const core::HookEvent event : core::kHookEvents) {
    const bool wanted = (hook.events & static_cast<std::uint8_t>(event)) != 0;
    if (wanted) json.value(core::to_string(event));
  }
  json.end_array();
}

std::string with_secret(const Digest& key, const core::WebhookRecord& hook,
                        std::string_view notice) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("id", hook.id);
  json.field("secret", outbox::hook_secret(key, hook.id, hook.rotation).text);
  write_hook(json, hook);
  json.field("notice", notice).end_object();
  return body;
}

std::string_view creation_notice(const core::WebhookRecord& hook) {
  if (!hook.account.empty()) {
    return "The secret is shown this once. This webhook gets every direct message to an identity "
           "of the account.";
  }
  if (hook.content) {
    return "The secret is shown this once. This webhook gets every message of the channel, direct "
           "ones between others too.";
  }
  return "The secret is shown this once. This webhook gets every message of the channel, direct "
         "ones without their text: for that, create it with the session of the account that "
         "created the channel, or with X-Owner-Password.";
}

// --- A webhook on its way: its password proved, its host looked up, then stored.

struct Creating {
  Answer answer;
  Asker asker;
  core::WebhookRecord hook;
  std::string host;
};

void store_hook(const std::shared_ptr<Creating>& creating) {
  const Services& services = creating->asker.services;
  services.hub.webhooks().add(
      creating->asker.shard.number(), creating->hook, [creating](const Result<void>& added) {
        if (!added) return creating->answer.error(added.error());
        const core::WebhookRecord& hook = creating->hook;
        const Digest& key = creating->asker.services.options.key;
        creating->answer.json(with_secret(key, hook, creation_notice(hook)));
      });
}

void look_up_host(const std::shared_ptr<Creating>& creating) {
  const Asker& who = creating->asker;
  who.services.webhooks->judge_host(who.shard.number(), creating->host, creating->hook.at_home,
                                    [creating](const Result<void>& fine) {
                                      if (!fine) return creating->answer.error(fine.error());
                                      store_hook(creating);
                                    });
}

}  // namespace

void create_webhook(Call& call) {
  const auto owner = hook_owner(call);
  if (!owner) return call.answer.error(owner.error());
  if (auto ok = take_limit(asker(call), hub::Limited::webhook); !ok) {
    return call.answer.error(ok.error());
  }
  auto wanted = read_wanted(call, owner->account);
  if (!wanted) return call.answer.error(wanted.error());

  const ChannelCaller& caller = owner->caller;
  const bool proves = !owner->account && gives_owner_password(call, caller);
  core::WebhookRecord hook;
  hook.id = "wh_" + random_source().token(kHookIdBytes);
  (owner->account ? hook.account : hook.channel) = owner->id;
  hook.url = std::move(wanted->url);
  hook.events = wanted->events;
  hook.created_at = call.now().wall;
  hook.at_home = call.at_this_machine();
  hook.content = owner->account || caller.creator || !caller.entry->record.options.require_identity;
  auto creating = std::make_shared<Creating>(Creating{
      std::move(call.answer), asker(call), std::move(hook), std::move(wanted->parsed.host)});
  if (!proves) return look_up_host(creating);
  prove_owner(call, *caller.entry, [creating](const Result<void>& proved) {
    if (!proved) return creating->answer.error(proved.error());
    creating->hook.content = true;
    look_up_host(creating);
  });
}

void list_webhooks(Call& call) {
  const auto owner = hook_owner(call);
  if (!owner) return call.answer.error(owner.error());
  std::string& body = scratch();
  JsonWriter json(body);
  json.begin_object().key("webhooks").begin_array();
  call.services.hub.webhooks().read([&](const core::HookBook& book) {
    for (const core::WebhookRecord* hook : book.of(owner->id)) {
      json.begin_object().field("id", hook->id);
      write_hook(json, *hook);
      json.field("created_at", hook->created_at).field("active", hook->active).end_object();
    }
  });
  json.end_array().end_object();
  call.answer.json(body);
}

void delete_webhook(Call& call) {
  const auto owner = hook_owner(call);
  if (!owner) return call.answer.error(owner.error());
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.services.hub.webhooks().remove(call.shard.number(), owner->id, hook_id(call),
                                      [answer](const Result<void>& removed) {
                                        if (!removed) return answer->error(removed.error());
                                        answer->json("{\"ok\":true}");
                                      });
}

void rotate_webhook(Call& call) {
  const auto owner = hook_owner(call);
  if (!owner) return call.answer.error(owner.error());
  auto answer = std::make_shared<Answer>(std::move(call.answer));
  call.services.hub.webhooks().rotate(
      call.shard.number(), owner->id, hook_id(call),
      [answer, &key = call.services.options.key](const Result<core::WebhookRecord>& hook) {
        if (!hook) return answer->error(hook.error());
        answer->json(with_secret(key, *hook,
                                 "The secret is shown this once; the old one signs nothing from "
                                 "now on, not even what is tried again."));
      });
}

// --- Deliveries.

namespace {

std::string_view state_name(hub::DeliveryLogLine::State state) {
  switch (state) {
    case hub::DeliveryLogLine::State::delivered:
      return "delivered";
    case hub::DeliveryLogLine::State::waiting:
      return "waiting";
    case hub::DeliveryLogLine::State::failed:
      break;
  }
  return "failed";
}

void write_line(JsonWriter& json, const hub::DeliveryLogLine& line) {
  json.begin_object();
  json.field("id", line.id).field("event", core::to_string(line.event));
  json.field("state", state_name(line.state)).field("attempts", line.attempts);
  json.field("created_at", line.created_at);
  if (line.attempted_at != 0) {
    json.field("attempted_at", line.attempted_at);
    if (line.status != 0) json.field("status", line.status);
    if (!line.error.empty()) json.field("error", line.error);
    json.field("latency_ms", line.latency);
  }
  if (line.next_at != 0) json.field("next_at", line.next_at);
  json.end_object();
}

std::string log_json(const std::vector<hub::DeliveryLogLine>& lines) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().key("deliveries").begin_array();
  for (const hub::DeliveryLogLine& line : lines) write_line(json, line);
  json.end_array().end_object();
  return body;
}

// The deliveries of an account lie on the shards of its identities' inboxes.
struct Gathering {
  Answer answer;
  std::string hook;
  std::vector<hub::DeliveryLogLine> lines;
};

void gather_log(Call& call, std::string hook) {
  auto state = std::make_shared<Gathering>(Gathering{std::move(call.answer), std::move(hook), {}});
  on_every_shard(
      call.services.hub, call.shard.number(), std::move(state),
      [](Gathering& gathering, hub::Shard& shard) {
        std::ranges::move(shard.delivery_log(gathering.hook), std::back_inserter(gathering.lines));
      },
      [](const std::shared_ptr<Gathering>& gathering) {
        auto& lines = gathering->lines;
        std::ranges::sort(lines, std::greater(), &hub::DeliveryLogLine::created_at);
        if (lines.size() > core::kDeliveriesShown) lines.resize(core::kDeliveriesShown);
        gathering->answer.json(log_json(lines));
      });
}

}  // namespace

void list_deliveries(Call& call) {
  const auto owner = hook_owner(call);
  if (!owner) return call.answer.error(owner.error());
  std::string hook = hook_id(call);
  const bool own = call.services.hub.webhooks().read([&](const core::HookBook& book) {
    const core::WebhookRecord* found = book.find(hook);
    return found != nullptr && found->owner() == owner->id;
  });
  if (!own) return call.answer.error(no_such_hook());
  if (owner->account) return gather_log(call, std::move(hook));
  call.answer.json(log_json(call.shard.delivery_log(hook)));
}

}  // namespace rogerthat::api
