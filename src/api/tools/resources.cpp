#include "api/tools/resources.h"

#include <utility>

#include <fmt/format.h>

#include "api/tools/text.h"
#include "base/encoding.h"
#include "base/json.h"
#include "mcp/session.h"

namespace rogerthat::api {

namespace {

constexpr std::string_view kPrefix = "rogerthat://channel/";

struct Template {
  std::string_view name, title, description;
};
constexpr Template kTemplates[] = {
    {"inbox", "Inbox",
     "What waits for you on a channel. Reading it consumes nothing: listen does."},
    {"roster", "Roster", "Who is on the channel and who has been."},
    {"history", "History", "The latest messages that you may see."},
};

std::string make_templates() {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const Template& row : kTemplates) {
    json.begin_object();
    json.field("uriTemplate", fmt::format("{}{{channel_id}}/{}{{?session}}", kPrefix, row.name));
    json.field("name", row.name).field("title", row.title).field("description", row.description);
    json.field("mimeType", "text/plain").end_object();
  }
  json.end_array();
  return out;
}

const McpCaller& caller_of(const mcp::Request& request) {
  return static_cast<const McpCaller&>(*request.caller);
}

Bindings* bindings_of(const mcp::Request& request) {
  if (request.session == nullptr || request.session->state() == nullptr) return nullptr;
  return static_cast<McpSession&>(*request.session->state()).bindings().get();
}

Need need_of(hub::Observed what) {
  return what == hub::Observed::inbox ? Need::session : Need::channel;
}

Result<Target> target_of(const Services& services, const mcp::Request& request,
                         const ResourceName& name) {
  const McpCaller& caller = caller_of(request);
  hub::Shard& shard = services.hub.shard(request.shard);
  return find_target({services, shard, caller.address, caller.limited}, caller,
                     bindings_of(request), {name.channel_id, name.session}, need_of(name.what));
}

std::string inbox_text(const core::Channel& channel, core::SessionNo session, Now now) {
  const core::MemberNo viewer = channel.session(session).member;
  const core::Pending pending = channel.pending(viewer, channel.cursor(session), false);
  if (pending.messages.empty() && !pending.gap) return "Nothing waits for you.";
  return received_text(channel, pending, session, channel.loop_warning(session, now)) +
         "\nThis was only a look: all of it still comes by listen or wait.";
}

std::string text_of(const Target& target, hub::Observed what, Now now) {
  const core::Channel& channel = target.entry->channel;
  const core::MemberNo viewer = target.session == core::kNone
                                    ? core::MemberNo{core::kNone}
                                    : channel.session(target.session).member;
  switch (what) {
    case hub::Observed::inbox:
      return inbox_text(channel, target.session, now);
    case hub::Observed::roster:
      return roster_text(channel, viewer, *hub::roster_page(channel, core::kRosterShown, {}));
    case hub::Observed::history:
      return history_text(channel, channel.history(core::kHistoryDefault, viewer), viewer);
  }
  return {};
}

// The watch of a client, on the shard that owns the channel.
class Link final : public hub::Observer {
 public:
  explicit Link(std::shared_ptr<mcp::WatchSink> sink) : sink_(std::move(sink)) {}
  void changed() override { sink_->updated(); }

  void begin(hub::Shard& shard, const ResourceName& name, std::string_view session_id) {
    hub::ChannelEntry* const entry = shard.find(name.channel_id);
    if (entry == nullptr) return;
    core::SessionNo session = core::kNone;
    if (!session_id.empty()) {
      const auto live = entry->channel.find_session(session_id, shard.now());
      if (!live) return;
      session = *live;
    } else if (name.what == hub::Observed::inbox) {
      return;
    }
    channel_ = entry->handle;
    shard.observe(*entry, session, name.what, *this);
  }
  void end(hub::Shard& shard) {
    if (channel_) shard.stop_observing(*channel_, *this);
  }

 private:
  std::shared_ptr<mcp::WatchSink> sink_;
  std::optional<hub::ChannelHandle> channel_;
};

class ResourceWatch final : public mcp::Watch {
 public:
  ResourceWatch(hub::Hub& hub, ResourceName name, std::string session_id,
                std::shared_ptr<mcp::WatchSink> sink)
      : hub_(hub),
        home_(hub.shard_of_channel(name.channel_id)),
        link_(std::make_shared<Link>(std::move(sink))) {
    hub_.post(home_,
              [&shard = hub_.shard(home_), link = link_, name = std::move(name),
               session_id = std::move(session_id)] { link->begin(shard, name, session_id); });
  }
  ~ResourceWatch() override {
    hub_.post(home_, [&shard = hub_.shard(home_), link = link_] { link->end(shard); });
  }

 private:
  hub::Hub& hub_;
  const std::uint32_t home_;
  const std::shared_ptr<Link> link_;
};

// Where the channel lives on another shard, only what can be told from here: its session is looked
// up when the watch begins, and one that is not there never hears anything.
bool may_watch_from_afar(const Services& services, const mcp::Request& request,
                         const ResourceName& name) {
  const McpCaller& caller = caller_of(request);
  if (services.hub.bans().of_address(caller.address.bytes, name.channel_id)) return false;
  if (!caller.channel.empty()) return caller.channel == name.channel_id;
  if (!name.session.empty()) return services.session_ids.minted_here(name.session);
  const Bindings* const bindings = bindings_of(request);
  return bindings != nullptr && bindings->find(name.channel_id);
}

}  // namespace

std::optional<ResourceName> parse_resource(std::string_view uri) {
  if (!uri.starts_with(kPrefix)) return std::nullopt;
  uri.remove_prefix(kPrefix.size());
  ResourceName out;
  if (const std::size_t at = uri.find('?'); at != std::string_view::npos) {
    constexpr std::string_view kSession = "session=";
    const std::string_view query = uri.substr(at + 1);
    if (!query.empty() && !query.starts_with(kSession)) return std::nullopt;
    if (!query.empty()) {
      auto session = percent_decode(query.substr(kSession.size()), true);
      if (!session) return std::nullopt;
      out.session = std::move(*session);
    }
    uri = uri.substr(0, at);
  }
  const std::size_t slash = uri.find('/');
  if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
  out.channel_id = uri.substr(0, slash);
  const std::string_view what = uri.substr(slash + 1);
  if (what == "inbox")
    out.what = hub::Observed::inbox;
  else if (what == "roster")
    out.what = hub::Observed::roster;
  else if (what == "history")
    out.what = hub::Observed::history;
  else
    return std::nullopt;
  return out;
}

std::string_view resource_templates_json() {
  static const std::string templates = make_templates();
  return templates;
}

void read_channel_resource(const Services& services, const mcp::Request& request,
                           mcp::Reply reply) {
  const auto name = parse_resource(request.name);
  if (!name) return mcp::resource_not_found(request, reply, request.name);
  const auto target = target_of(services, request, *name);
  if (!target) {
    if (target.error().code == ErrorCode::not_found) {
      return mcp::resource_not_found(request, reply, request.name);
    }
    return reply.error(mcp::ErrorCode::invalid_params,
                       target.error().message + ' ' + target.error().hint);
  }
  hub::Shard& shard = services.hub.shard(request.shard);
  std::string fields;
  JsonWriter json(fields);
  json.begin_object().key("contents").begin_array().begin_object();
  json.field("uri", request.name).field("mimeType", "text/plain");
  json.field("text", text_of(*target, name->what, shard.now()));
  json.end_object().end_array().end_object();
  reply.result(fields);
}

std::unique_ptr<mcp::Watch> watch_channel_resource(const Services& services,
                                                   const mcp::Request& request,
                                                   std::string_view uri,
                                                   std::shared_ptr<mcp::WatchSink> sink) {
  auto name = parse_resource(uri);
  if (!name) return nullptr;
  std::string session_id = name->session;
  if (services.hub.shard_of_channel(name->channel_id) == request.shard) {
    const auto target = target_of(services, request, *name);
    if (!target) return nullptr;
    if (target->session != core::kNone) {
      session_id = target->entry->channel.session(target->session).id;
    }
  } else if (!may_watch_from_afar(services, request, *name)) {
    return nullptr;
  }
  if (session_id.empty()) {
    const Bindings* const bindings = bindings_of(request);
    const auto binding = bindings == nullptr ? std::nullopt : bindings->find(name->channel_id);
    if (binding) session_id = binding->session_id;
  }
  return std::make_unique<ResourceWatch>(services.hub, std::move(*name), std::move(session_id),
                                         std::move(sink));
}

}  // namespace rogerthat::api
