// What a row of the table of routes says: all that is known of a route in one place. The router
// dispatches by it, and llms.txt, /api/v1/info, mcp.json, openapi.json and docs/protocol.md are
// rendered from it. The rows themselves are in api/routes.cpp, above the handlers that they name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/request.h"

namespace rogerthat::api {

struct Call;
using Handler = void (*)(Call&);

// Who may. The dispatcher asks for the admin token and for operations; the others, which come with
// a channel, an account or an identity, are proved by the handler (api/access).
enum class RouteAuth : std::uint8_t {
  none,
  hub_token,   // only where the operator set one
  channel,     // the channel's token, bands excepted
  session,     // ... and X-Session-Id
  account,     // the session token of an account
  identity,    // X-Identity-Key
  operations,  // loopback or the admin token
  admin,       // the admin token
};

// What a call is about, and with it the shard on which its handler runs.
enum class Scope : std::uint8_t {
  anywhere,    // nothing that one shard owns, or the handler goes there
  on_channel,  // {channel}, the first parameter of the path
  own_inbox,   // of the identity that calls, which is in Call::identity then
};

// What else holds for a route; a row names those that do.
using Traits = std::uint8_t;
inline constexpr Traits kNoTraits = 0;
inline constexpr Traits kWaits = 1;      // may hold the request open: no HEAD
inline constexpr Traits kLargeBody = 2;  // attachments may come: 1 MiB instead of 128 KiB
inline constexpr Traits kUndocumented = 4;
inline constexpr Traits kWhileStarting = 8;  // has answers of its own while the hub reads its store
inline constexpr Traits kOwnPagesOnly = 16;  // pages of other origins may not even look
inline constexpr Traits kEvenBanned = 32;    // also for those whom the operator has shut out
inline constexpr Traits kTellsLimit = 64;    // every answer has the caller's limit of sends

// A field of a request body or query, as openapi.json and llms.txt show it.
struct FieldDoc {
  std::string_view name;
  std::string_view type;         // string, integer, number, boolean, array, object
  std::string_view description;  // short; with the bounds, as {{names}} of api/texts/facts.h
  bool required = false;
  bool in_query = false;
  std::string_view also = {};  // another name for it
};

inline constexpr std::string_view kJsonMedia = "application/json";

struct Route {
  net::Method method;
  // "/api/channels/{channel}/send"; at most two parameters; a final * stands for any rest.
  std::string_view path;
  RouteAuth auth;
  Scope scope;
  Handler handler;
  std::string_view name;     // "send": the call's name in info, mcp.json, openapi.json and /metrics
  std::string_view summary;  // one sentence, may hold {{names}}
  std::span<const FieldDoc> fields;
  std::string_view answer;  // the fields of a 200, as one short line
  Traits traits = kNoTraits;
  std::string_view media = kJsonMedia;  // of a 200

  constexpr bool has(Traits trait) const { return (traits & trait) != 0; }
  constexpr bool documented() const { return !has(kUndocumented); }
};

// The row of that name, which there must be: names are written by hand, and tests ask for each.
const Route& route_named(std::span<const Route> table, std::string_view name);

}  // namespace rogerthat::api
