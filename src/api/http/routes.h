// The table of routes: what the server answers, in one place. The router dispatches by it, and
// llms.txt, /api/v1/info, mcp.json, openapi.json and docs/protocol.md are rendered from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/request.h"

namespace rogerthat::api {

enum class RouteId : std::uint8_t {
  create_channel,
  channel_info,
  bands,
  join,
  keepalive,
  leave,
  send,
  listen,
  wait,
  stream,
  roster,
  history,
  stats,
  transcript,
  message,
  create_account,
  recover_account,
  account,
  delete_account,
  account_channels,
  delete_account_channel,
  create_identity,
  identities,
  delete_identity,
  rotate_identity,
  attach_email,
  verify_email,
  detach_email,
  recover_by_email,
  confirm_recovery,
  dm_send,
  dm_inbox,
  dm_wait,
  dm_stream,
  dm_ack,
  dm_block,
  dm_unblock,
  dm_blocked,
  remote_control,
  create_webhook,
  webhooks,
  delete_webhook,
  rotate_webhook,
  webhook_deliveries,
  create_account_webhook,
  account_webhooks,
  delete_account_webhook,
  rotate_account_webhook,
  account_webhook_deliveries,
  admin_channels,
  admin_overview,
  admin_bans,
  admin_audit,
  admin_kick,
  admin_ban,
  admin_unban,
  admin_close,
  admin_send,
  admin_stop,
  home,
  llms_txt,
  info,
  mcp_descriptor,
  agent_card,
  policy,
  policy_text,
  robots,
  docs,
  openapi,
  server_stats,
  healthz,
  readyz,
  metrics,
  mcp,
  mcp_stream,
  mcp_end,
  channel_mcp,
  channel_mcp_stream,
  channel_mcp_end,
};
inline constexpr std::size_t kRouteCount = static_cast<std::size_t>(RouteId::channel_mcp_end) + 1;

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

// A field of a request body or query, as openapi.json and llms.txt show it.
struct FieldDoc {
  std::string_view name;
  std::string_view type;         // string, integer, number, boolean, array, object
  std::string_view description;  // short; with the bounds, as {{names}} of api/texts/fill.h
  bool required = false;
  bool in_query = false;
};

struct Route {
  RouteId id;
  net::Method method;
  // "/api/channels/{channel}/send"; at most two parameters; a final * stands for any rest.
  std::string_view path;
  RouteAuth auth;
  std::string_view name;     // "send": the call's name in info, mcp.json and openapi.json
  std::string_view summary;  // one sentence, may hold {{names}}
  std::span<const FieldDoc> fields;
  std::string_view answer;  // the fields of a 200, as one short line
  bool waits = false;       // may hold the request open: no HEAD
  bool large_body = false;  // attachments may come: 1 MiB instead of 128 KiB
  bool documented = true;
};

std::span<const Route> routes();
const Route& route(RouteId id);

}  // namespace rogerthat::api
