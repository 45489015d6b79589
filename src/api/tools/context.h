// What a tool is given: who calls, over which endpoint, and the channel and session that the call
// is for. The tools themselves know nothing of HTTP.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/access/channel_door.h"
#include "api/http/body.h"
#include "api/tools/bindings.h"
#include "mcp/application.h"

namespace rogerthat::api {

struct McpCaller final : mcp::Caller {
  explicit McpCaller(const Services& s) : services(s) {}

  const Services& services;
  std::string origin;  // where links lead to
  core::Edition edition;
  std::string authorization;
  std::string hub_token;
  std::string channel;     // of /mcp/<channel>; empty: the endpoint for all channels
  net::IpAddress address;  // whom limits count
  bool limited = true;

  View view() const { return {services.options.site, origin, edition}; }
  Credentials credentials() const { return {authorization, hub_token}; }
};

// With a legacy session.
class McpSession final : public mcp::SessionState {
 public:
  explicit McpSession(const Services& services);
  Millis idle_limit() const override;
  void ended() override;
  void used();  // by a tool, now
  const std::shared_ptr<Bindings>& bindings() const { return bindings_; }

 private:
  const Services& services_;
  const std::shared_ptr<Bindings> bindings_;
  std::atomic<Millis> last_used_;
};

// Leaves what is bound, on the shard that owns it.
void leave_later(const Services& services, const std::vector<Binding>& bindings);

struct ToolRow;

// One tools/call.
struct ToolCall {
  const Services& services;
  const ToolRow& row;
  hub::Shard& shard;
  const McpCaller& caller;
  std::shared_ptr<Bindings> bindings;  // null: a stateless call
  std::optional<JsonValue> arguments;
  bool shows_progress = false;  // the client watches the call and gives it time
  mcp::Reply reply;

  Asker asker() const { return {services, shard, caller.address, caller.limited}; }
};

// What was named in a call, or in the URI of a resource.
struct Handles {
  std::string_view channel_id;
  std::string_view session;  // empty: what the MCP session is bound to
  // Confirms as a receive does. listen and wait tell of it; the other tools take it from clients
  // that keep count for a model, such as the stdio bridge.
  std::optional<std::int64_t> ack = std::nullopt;
};
std::span<const Field<Handles>> handle_fields();

// Reads the arguments of a call, once, into `parts` and `handles`, which every call may have. One
// that the tool does not have is refused: what it says would be lost.
Result<void> refuse_unknown(const ToolCall& call, const UnknownNames& unknown);
template <class... In>
Result<void> read_arguments(const ToolCall& call, FieldReader& reader, Handles& handles,
                            const Part<In>&... parts) {
  reader.read_object(call.arguments, parts..., part(handle_fields(), handles));
  if (reader.unknown().count() > 0) return refuse_unknown(call, reader.unknown());
  if (reader.error()) return std::unexpected(*reader.error());
  return {};
}

// How long a call may wait that asks for so many seconds: up to `max` where the client has the
// time, as a progress token or `patient` says; else not longer than the shortest patience of
// clients.
Millis time_for(const ToolCall& call, double seconds, bool patient, Millis max);

// The channel that a call means, where none is named; empty: none.
std::string channel_of(const McpCaller& caller, const Bindings* bindings, std::string_view named);
// ... as one that lives on this shard.
Result<hub::ChannelEntry*> named_channel(const Asker& asker, const McpCaller& caller,
                                         const Bindings* bindings, std::string_view named);

struct Target {
  hub::ChannelEntry* entry = nullptr;
  core::SessionNo session = core::kNone;
};
enum class Need : std::uint8_t { channel, session };
// Runs on the channel's own shard. A call of a legacy session also confirms what earlier answers
// of that session have brought.
Result<Target> find_target(const Asker& asker, const McpCaller& caller, Bindings* bindings,
                           const Handles& handles, Need need);
Result<Target> find_target(const ToolCall& call, const Handles& handles, Need need);
// For tools whose arguments are their handles alone.
Result<Target> find_target(const ToolCall& call, Need need);

// What a caller has to show for a channel. `token`, `handle`: arguments of the call; empty: none.
Shown shown_by(const McpCaller& caller, const Bindings* bindings, const hub::ChannelEntry& entry,
               std::string_view token, std::string_view handle);

}  // namespace rogerthat::api
