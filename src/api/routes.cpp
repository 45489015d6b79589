#include "api/routes.h"

#include <array>

#include "api/documents/document_routes.h"
#include "api/http/route_fields.h"
#include "api/rest/account_email.h"
#include "api/rest/accounts.h"
#include "api/rest/admin.h"
#include "api/rest/channels.h"
#include "api/rest/dm.h"
#include "api/rest/join.h"
#include "api/rest/messages.h"
#include "api/rest/operations.h"
#include "api/rest/receive.h"
#include "api/rest/remote_control.h"
#include "api/rest/roster.h"
#include "api/rest/send.h"
#include "api/rest/transcript.h"
#include "api/rest/webhooks.h"
#include "api/route_answers.h"
#include "api/tools/endpoint.h"

namespace rogerthat::api {

// The short words of the table are for the table alone.
namespace table {

using enum net::Method;
using enum RouteAuth;
using enum Scope;

constexpr std::span<const FieldDoc> kNoFields;
constexpr std::string_view kEventStream = "text/event-stream";
constexpr std::string_view kHtml = "text/html";
constexpr std::string_view kMarkdown = "text/markdown";
constexpr std::string_view kText = "text/plain";

// method, path, who may, where, handler, name, summary, fields, answer, traits, media type
constexpr std::array kRoutes = std::to_array<Route>({

    // Channels
    {post, "/api/channels", hub_token, anywhere, create_channel, "create_channel",
     "Creates a channel and answers with everything needed to invite others.", kCreateFields,
     kCreated},
    {get, "/api/channels/{channel}", none, on_channel, channel_info, "channel_info",
     "Says whether a channel exists, its options and its endpoints.", kNoFields, kChannelInfo},
    {get, "/c/{channel}", none, on_channel, channel_link, "channel_link",
     "The link of an invitation: how to join by it, as text.", kNoFields, "text", kNoTraits, kText},
    {get, "/api/bands", none, anywhere, list_bands, "bands",
     "Lists the public bands: channels that need no token.", kNoFields, kBandList},

    // Sessions
    {post, "/api/channels/{channel}/join", channel, on_channel, join, "join",
     "Takes a callsign on a channel and opens a session; joining again is safe.", kJoinFields,
     kJoined},
    {post, "/api/channels/{channel}/keepalive", session, on_channel, keepalive, "keepalive",
     "Refreshes the idle timer of a session.", kNoFields, kDone},
    {post, "/api/channels/{channel}/leave", session, on_channel, leave, "leave",
     "Ends a session; the callsign keeps its place in the messages.", kNoFields, kDone},

    // Messages
    {post, "/api/channels/{channel}/send", session, on_channel, send, "send",
     "Sends a message to one callsign or to all.", kSendFields, kSent, kLargeBody | kTellsLimit},
    {get, "/api/channels/{channel}/listen", session, on_channel, listen, "listen",
     "Long-poll: answers as soon as something is there.", kListenFields, kListened, kWaits},
    {get, "/api/channels/{channel}/wait", session, on_channel, wait, "wait",
     "A longer long-poll that also brings the roster and what to do next.", kWaitFields, kWaited,
     kWaits},
    {get, "/api/channels/{channel}/stream", session, on_channel, stream, "stream",
     "Server-sent events: hello, then message after message.", kStreamFields,
     "events: hello, message, gap, loop_warning, presence, bye", kWaits, kEventStream},

    // Looking at a channel
    {get, "/api/channels/{channel}/roster", channel, on_channel, roster, "roster",
     "Who is on, and who has been; those who are on come first. `next` leads to the next page.",
     kRosterFields, kRosters},
    {get, "/api/channels/{channel}/history", channel, on_channel, history, "history",
     "The latest messages, without moving the cursor; your direct messages only with your session.",
     kHistoryFields, "history: Message[]"},
    {get, "/api/channels/{channel}/stats", channel, on_channel, stats, "stats",
     "Numbers of one channel.", kNoFields, kStats},
    {get, "/api/channels/{channel}/transcript", channel, on_channel, transcript, "transcript",
     "What the channel's retention has kept; 404 when that is nothing.", kTranscriptFields,
     kTranscript},
    {get, "/api/channels/{channel}/messages/{id}", session, on_channel, message, "message",
     "One message that you sent or received, and what became of it.", kNoFields, kMessageState},

    // Accounts and identities
    {post, "/api/account", hub_token, anywhere, create_account, "create_account",
     "Creates an account: no password, no form. Its secrets are shown once.", kNoFields,
     kNewAccount},
    {post, "/api/account/recover", none, anywhere, recover_account, "recover_account",
     "Opens a new session of an account.", kRecoverFields, kRecovered},
    {get, "/api/account", account, anywhere, show_account, "account", "What an account is and has.",
     kNoFields, kAccount},
    {delete_, "/api/account", account, anywhere, delete_account, "delete_account",
     "Deletes an account with its identities and webhooks; its channels stay.", kNoFields, kDone},
    {get, "/api/account/channels", account, anywhere, list_account_channels, "account_channels",
     "The channels that were created with this account.", kNoFields, kOwnChannels},
    {delete_, "/api/account/channels/{channel}", account, on_channel, delete_account_channel,
     "delete_account_channel", "Ends a channel: its id, its token and its sessions.", kNoFields,
     kDone},
    {post, "/api/account/identities", account, anywhere, create_identity, "create_identity",
     "Makes an identity: a callsign that is kept for its key wherever it has joined.",
     kIdentityFields, kNewKey},
    {get, "/api/account/identities", account, anywhere, list_identities, "identities",
     "The identities of an account.", kNoFields, "identities: Identity[]"},
    {delete_, "/api/account/identities/{callsign}", account, anywhere, delete_identity,
     "delete_identity",
     "Revokes an identity, also on the channels it is on; its callsign is never given again.",
     kNoFields, kDone},
    {post, "/api/account/identities/{callsign}/rotate", account, anywhere, rotate_identity,
     "rotate_identity",
     "Gives an identity a fresh key; the old one and the sessions it opened end.", kNoFields,
     kNewKey},
    {post, "/api/account/email", account, anywhere, attach_email, "attach_email",
     "Sends a code to an address that shall recover this account.", kEmailFields, kMailed},
    {post, "/api/account/email/verify", account, anywhere, verify_email, "verify_email",
     "Takes the code: the address can recover the account from now on.", kCodeFields, kDone},
    {delete_, "/api/account/email", account, anywhere, detach_email, "detach_email",
     "Forgets the account's address.", kNoFields, kDone},
    {post, "/api/account/recover/email", none, anywhere, recover_by_email, "recover_by_email",
     "Sends a code where an account has that address; the answer is always the same.", kEmailFields,
     kMailed},
    {post, "/api/account/recover/email/confirm", none, anywhere, confirm_recovery,
     "confirm_recovery", "Takes the code and opens a session; the recovery_token is replaced.",
     kConfirmFields, kNewAccount},

    // Direct messages
    {post, "/api/dm", identity, anywhere, dm_send, "dm_send",
     "Sends a direct message from your identity to another; no channel is needed.", kDmSendFields,
     kDmSent},
    {get, "/api/dm/inbox", identity, own_inbox, dm_inbox, "dm_inbox",
     "What is unread in the inbox of your identity; looking moves no cursor.", kDmInboxFields,
     kDmInbox},
    {get, "/api/dm/wait", identity, own_inbox, dm_wait, "dm_wait", "Long-poll for direct messages.",
     kDmWaitFields, kDmWaited, kWaits},
    {get, "/api/dm/stream", identity, own_inbox, dm_stream, "dm_stream",
     "Server-sent events: hello, then direct message after direct message.", kDmStreamFields,
     "events: hello, message, bye", kWaits, kEventStream},
    {post, "/api/dm/ack", identity, own_inbox, dm_ack, "dm_ack", "Marks direct messages as read.",
     kDmAckFields, kDmRead},
    {post, "/api/dm/block", identity, anywhere, dm_block, "dm_block",
     "Drops what that sender sends from now on, without a word to it.", kDmSenderFields, kDone},
    {post, "/api/dm/unblock", identity, anywhere, dm_unblock, "dm_unblock",
     "Lets a sender in again.", kDmSenderFields, kDone},
    {get, "/api/dm/blocked", identity, anywhere, dm_blocked, "dm_blocked",
     "Whom your identity has blocked.", kNoFields, "blocked: string[]"},

    // Remote control
    {post, "/api/remote-control", hub_token, anywhere, open_remote_control, "remote_control",
     "Lets a person drive an agent from a phone: a channel for the two, an identity each, and a "
     "link with its QR code.",
     kRemoteFields, kRemoteOpened},

    // Webhooks
    {post, "/api/channels/{channel}/webhooks", channel, on_channel, create_webhook,
     "create_webhook",
     "Has what happens on the channel posted to a URL, signed with a secret that is shown once.",
     kWebhookFields, kNewHook},
    {get, "/api/channels/{channel}/webhooks", channel, on_channel, list_webhooks, "webhooks",
     "The webhooks of a channel.", kNoFields, kHooks},
    {delete_, "/api/channels/{channel}/webhooks/{hook}", channel, on_channel, delete_webhook,
     "delete_webhook", "Ends a webhook with everything that waits for it.", kNoFields, kDone},
    {post, "/api/channels/{channel}/webhooks/{hook}/rotate", channel, on_channel, rotate_webhook,
     "rotate_webhook", "Gives a webhook a fresh secret; the old one ends.", kNoFields, kNewHook},
    {get, "/api/channels/{channel}/webhooks/{hook}/deliveries", channel, on_channel,
     list_deliveries, "webhook_deliveries", "What became of the last deliveries of a webhook.",
     kNoFields, kHookDeliveries},
    {post, "/api/account/webhooks", account, anywhere, create_webhook, "create_account_webhook",
     "Has direct messages to the identities of the account posted to a URL.", kAccountWebhookFields,
     kNewHook},
    {get, "/api/account/webhooks", account, anywhere, list_webhooks, "account_webhooks",
     "The webhooks of an account.", kNoFields, kHooks},
    {delete_, "/api/account/webhooks/{hook}", account, anywhere, delete_webhook,
     "delete_account_webhook", "Ends a webhook with everything that waits for it.", kNoFields,
     kDone},
    {post, "/api/account/webhooks/{hook}/rotate", account, anywhere, rotate_webhook,
     "rotate_account_webhook", "Gives a webhook a fresh secret; the old one ends.", kNoFields,
     kNewHook},
    {get, "/api/account/webhooks/{hook}/deliveries", account, anywhere, list_deliveries,
     "account_webhook_deliveries", "What became of the last deliveries of a webhook.", kNoFields,
     kHookDeliveries},

    // What the operator sees and does
    {get, "/api/admin/channels", admin, anywhere, admin_channels, "admin_channels",
     "All channels, those active last first; never content.", kAdminPageFields, kAdminChannels},
    {get, "/api/admin/overview", admin, anywhere, admin_overview, "admin_overview",
     "The server in numbers.", kNoFields, kOverview},
    {get, "/api/admin/bans", admin, anywhere, admin_bans, "admin_bans",
     "The bans in force, newest first.", kNoFields, "bans: Ban[]"},
    {get, "/api/admin/audit", admin, anywhere, admin_audit, "admin_audit",
     "What was done with the admin token, newest first.", kAuditFields, "audit: AuditEntry[]"},
    {post, "/api/admin/kick", admin, anywhere, admin_kick, "admin_kick",
     "Ends sessions; who was on may join again.", kActFields, kSessionsEnded},
    {post, "/api/admin/ban", admin, anywhere, admin_ban, "admin_ban",
     "Ends sessions and shuts out, until it is lifted.", kActFields, kBanned},
    {post, "/api/admin/unban", admin, anywhere, admin_unban, "admin_unban", "Lifts a ban.",
     kActFields, kDone},
    {delete_, "/api/admin/channels/{channel}", admin, on_channel, admin_close, "admin_close",
     "Ends a channel: its id, its token and its sessions.", kNoFields, kSessionsEnded},
    {post, "/api/admin/send", admin, anywhere, admin_send, "admin_send",
     "Speaks on a channel as `operator`.", kOperatorSendFields, kSent, kLargeBody},
    {post, "/api/admin/stop", admin, anywhere, admin_stop, "admin_stop",
     "Says standdown on a channel, or on all of them, and ends the sessions.", kStopFields,
     kStopped},

    // Documents
    {get, "/", none, anywhere, serve_home, "home",
     "What this is: a page for browsers, JSON where JSON is preferred.", kNoFields,
     "HTML or the JSON of /api/v1/info", kNoTraits, kHtml},
    {get, "/llms.txt", none, anywhere, serve_llms_txt, "llms_txt",
     "The guide for agents: joining, sending, receiving.", kNoFields, "Markdown", kNoTraits,
     kMarkdown},
    {get, "/llms-full.txt", none, anywhere, serve_llms_full_txt, "llms_full_txt",
     "The rest of the guide: every call, accounts, webhooks, remote control.", kNoFields,
     "Markdown", kNoTraits, kMarkdown},
    {get, "/api/v1/info", none, anywhere, serve_info, "info",
     "This server in JSON: version, limits, routes, first steps.", kNoFields, kInfo},
    {get, "/.well-known/mcp.json", none, anywhere, serve_mcp_descriptor, "mcp_descriptor",
     "Endpoints and safety notes for registries.", kNoFields, kDescriptor},
    {get, "/.well-known/agent.json", none, anywhere, serve_agent_card, "agent_card",
     "The A2A agent card.", kNoFields, kAgentCard},
    {get, "/policy", none, anywhere, serve_policy, "policy", "The rules of the house, as a page.",
     kNoFields, "HTML", kNoTraits, kHtml},
    {get, "/policy.txt", none, anywhere, serve_policy_text, "policy_text",
     "The rules of the house, as text.", kNoFields, "text", kNoTraits, kText},
    {get, "/robots.txt", none, anywhere, serve_robots, "robots", "What crawlers may read.",
     kNoFields, "text", kNoTraits, kText},
    {get, "/docs/*", none, anywhere, redirect_to_guide, "docs",
     "Old documentation links; redirects to /llms.txt.", kNoFields, "a redirect", kUndocumented},
    {get, "/openapi.json", none, anywhere, serve_openapi, "openapi", "This table as OpenAPI 3.1.",
     kNoFields, kOpenApi},

    // What operators and their machines ask
    {get, "/api/stats", none, anywhere, server_stats, "server_stats",
     "Lifetime counters of the server.", kNoFields, kServerStats},
    {get, "/healthz", none, anywhere, healthz, "healthz", "Whether the process answers.", kNoFields,
     "ok", kWhileStarting | kEvenBanned, kText},
    {get, "/readyz", none, anywhere, readyz, "readyz",
     "Whether the server can take and store messages; 503 when not.", kNoFields, "ok",
     kWhileStarting, kText},
    {get, "/metrics", operations, anywhere, metrics, "metrics", "Numbers for Prometheus.",
     kNoFields, "Prometheus text", kNoTraits, kText},

    // MCP
    {post, "/mcp", hub_token, anywhere, mcp_endpoint, "mcp",
     "MCP (streamable HTTP) for all channels; GET in a browser says how to connect.", kNoFields,
     kJsonRpc, kLargeBody | kWhileStarting | kOwnPagesOnly},
    {get, "/mcp", hub_token, anywhere, mcp_endpoint, "mcp_stream",
     "The event stream of an MCP session.", kNoFields, "an event stream, or text",
     kWaits | kUndocumented | kWhileStarting | kOwnPagesOnly},
    {delete_, "/mcp", hub_token, anywhere, mcp_endpoint, "mcp_end", "Ends an MCP session.",
     kNoFields, "nothing", kUndocumented | kWhileStarting | kOwnPagesOnly},
    {post, "/mcp/{channel}", channel, on_channel, mcp_endpoint, "channel_mcp",
     "MCP (streamable HTTP) for one channel; the hub token does, too.", kNoFields, kJsonRpc,
     kLargeBody | kWhileStarting | kOwnPagesOnly},
    {get, "/mcp/{channel}", channel, on_channel, mcp_endpoint, "channel_mcp_stream",
     "The event stream of an MCP session.", kNoFields, "an event stream, or text",
     kWaits | kUndocumented | kWhileStarting | kOwnPagesOnly},
    {delete_, "/mcp/{channel}", channel, on_channel, mcp_endpoint, "channel_mcp_end",
     "Ends an MCP session.", kNoFields, "nothing", kUndocumented | kWhileStarting | kOwnPagesOnly},
});

// {channel} stands for a channel wherever it stands, and nothing else places a call on one.
constexpr bool scopes_follow_the_paths() {
  for (const Route& row : kRoutes) {
    const std::size_t first = row.path.find('{');
    const bool channel = first != row.path.npos && row.path.substr(first).starts_with("{channel}");
    if (channel != (row.scope == on_channel)) return false;
    if (row.scope == own_inbox && row.auth != identity) return false;
  }
  return true;
}
static_assert(scopes_follow_the_paths());

}  // namespace table

std::span<const Route> routes() {
  return table::kRoutes;
}

}  // namespace rogerthat::api
