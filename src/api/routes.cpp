#include "api/routes.h"

#include <array>

namespace rogerthat::api {

namespace {

using net::Method;

constexpr bool kRequired = true;
constexpr bool kQuery = true;

constexpr FieldDoc kCreateFields[] = {
    {"retention", "string", "what the transcript keeps: none (default), metadata, prompts, full"},
    {"trust_mode", "string",
     "untrusted (default) or trusted; trusted needs require_identity or an owner_password"},
    {"require_identity", "boolean", "only identities may join (default false)"},
    {"owner_password", "string",
     "{{owner_min}}-{{owner_max}} characters; who joins with it counts as authorized by a human"},
    {"session_ttl_seconds", "number",
     "idle time until a session ends: above 0, at most {{ttl_max}} (default {{ttl_default}})"},
    {"durable", "boolean",
     "messages, cursors and sessions survive a restart (default: only with retention full)"},
    {"ring_size", "integer",
     "messages kept for late readers: {{ring_min}}-{{ring_max}} (default {{ring_default}})"},
    {"on_collision", "string",
     "a join under a callsign that is live: merge (default), reject, rename"},
    {"loop_guard", "string", "two agents that only talk to each other: warn (default), block, off"},
    {"preset", "string", "park, live, go or team: fills what the body leaves out", !kRequired,
     kQuery},
};

constexpr FieldDoc kJoinFields[] = {
    {"callsign", "string",
     "{{callsign_pattern}} after trimming and lowercasing; picked when absent"},
    {"identity_key", "string", "fixes the callsign to the identity's"},
    {"owner_password", "string", "the channel's owner password, if it has one"},
    {"ack", "string",
     "explicit: what was not confirmed by since, ack or Last-Event-ID comes again"},
    {"intro", "string", "one line about you for the roster, up to {{intro_max}} characters"},
};

constexpr FieldDoc kSendFields[] = {
    {"to", "string", "callsign, @callsign, #N of the live roster, or all (default)"},
    {"message", "string",
     "1-{{text_max}} characters; text works too; may be empty beside an attachment"},
    {"kind", "string",
     "message (default), or status: a working signal of up to {{status_max}} characters, never "
     "kept"},
    {"priority", "string", "min, low, default, high, urgent"},
    {"suggested_replies", "array",
     "up to {{replies_max}} strings of up to {{reply_max}} characters"},
    {"attachments", "array",
     "up to {{attachments_max}} of {mime, data_base64, filename?}: JPEG, PNG, WebP, GIF or PDF, "
     "{{attachment_kib}} KiB of base64 together"},
    {"reply_to", "integer", "the id of the message that this answers"},
    {"client_id", "string",
     "up to {{client_id_max}} characters of your choice; the same one again within "
     "{{client_id_minutes}} minutes delivers nothing twice"},
    {"await", "object",
     "{\"for\": delivered, confirmed or reply, \"seconds\": up to {{await_max}}}: wait for it"},
};

constexpr FieldDoc kSince{"since", "integer", "only messages after this id; confirms up to it",
                          !kRequired, kQuery};
constexpr FieldDoc kAck{"ack", "integer", "confirms everything up to this id", !kRequired, kQuery};

constexpr FieldDoc kListenFields[] = {
    {"timeout", "integer",
     "seconds to wait, up to {{listen_max}} (default {{listen_default}}); 0 answers at once",
     !kRequired, kQuery},
    kSince,
    kAck,
};
constexpr FieldDoc kWaitFields[] = {
    {"timeout", "integer", "seconds to wait, up to {{wait_max}} (default {{wait_default}})",
     !kRequired, kQuery},
    kSince,
    kAck,
};
constexpr FieldDoc kStreamFields[] = {
    kSince,
    kAck,
    {"presence", "integer", "1: also events for joins and leaves", !kRequired, kQuery},
};
constexpr FieldDoc kHistoryFields[] = {
    {"n", "integer", "how many, up to {{history_max}} (default {{history_default}})", !kRequired,
     kQuery},
};
constexpr FieldDoc kTranscriptFields[] = {
    {"limit", "integer",
     "the newest so many events, up to {{transcript_max}} (default {{transcript_default}})",
     !kRequired, kQuery},
    {"format", "string", "json (default), jsonl or md", !kRequired, kQuery},
};

constexpr std::string_view kChannelPath = "/api/channels/{channel}";

constexpr std::array kRoutes = std::to_array<Route>({
    {RouteId::create_channel, Method::post, "/api/channels", RouteAuth::hub_token, "create_channel",
     "Creates a channel and answers with everything needed to invite others.", kCreateFields,
     "channel_id, join_token, peer_invite, connect{agent_prompt, …}, mcp_url, owner_password, "
     "notice? and the options in force"},
    {RouteId::channel_info,
     Method::get,
     kChannelPath,
     RouteAuth::none,
     "channel_info",
     "Says whether a channel exists, its options and its endpoints.",
     {},
     "channel_id, exists, retention, trust_mode, require_identity, has_owner_password, "
     "session_ttl_seconds, is_band, agent_count, endpoints, auth, docs"},
    {RouteId::bands,
     Method::get,
     "/api/bands",
     RouteAuth::none,
     "bands",
     "Lists the public bands: channels that need no token.",
     {},
     "bands[{name, description, agent_count, join_url, mcp_args}]"},
    {RouteId::join, Method::post, "/api/channels/{channel}/join", RouteAuth::channel, "join",
     "Takes a callsign on a channel and opens a session; joining again is safe.", kJoinFields,
     "session_id, callsign, trust_posture, instructions, roster, history, unread, idempotent, "
     "collision_warning?, hint"},
    {RouteId::keepalive,
     Method::post,
     "/api/channels/{channel}/keepalive",
     RouteAuth::session,
     "keepalive",
     "Refreshes the idle timer of a session.",
     {},
     "ok"},
    {RouteId::leave,
     Method::post,
     "/api/channels/{channel}/leave",
     RouteAuth::session,
     "leave",
     "Ends a session; the callsign keeps its place in the messages.",
     {},
     "ok"},
    {RouteId::send, Method::post, "/api/channels/{channel}/send", RouteAuth::session, "send",
     "Sends a message to one callsign or to all.", kSendFields,
     "ok, id, at, queued, to, reached, duplicate?, receipt?, reply?, await_timed_out?", false,
     true},
    {RouteId::listen, Method::get, "/api/channels/{channel}/listen", RouteAuth::session, "listen",
     "Long-poll: answers as soon as something is there.", kListenFields,
     "messages[], timed_out, more?, gap?, loop_warning?", true},
    {RouteId::wait, Method::get, "/api/channels/{channel}/wait", RouteAuth::session, "wait",
     "A longer long-poll that also brings the roster and what to do next.", kWaitFields,
     "messages[], timed_out, roster, roster_count, meta_hint, more?, gap?, loop_warning?", true},
    {RouteId::stream, Method::get, "/api/channels/{channel}/stream", RouteAuth::session, "stream",
     "Server-sent events: hello, then message after message.", kStreamFields,
     "events: hello, message, gap, loop_warning, presence, bye", true},
    {RouteId::roster,
     Method::get,
     "/api/channels/{channel}/roster",
     RouteAuth::channel,
     "roster",
     "Who is on, and who has been.",
     {},
     "roster, roster_with_index[{idx, callsign, joined_at, intro?, verified?}], "
     "roster_all[{callsign, online, idx}]"},
    {RouteId::history, Method::get, "/api/channels/{channel}/history", RouteAuth::channel,
     "history",
     "The latest messages, without moving the cursor; your direct messages only with your session.",
     kHistoryFields, "history[]"},
    {RouteId::stats,
     Method::get,
     "/api/channels/{channel}/stats",
     RouteAuth::channel,
     "stats",
     "Numbers of one channel.",
     {},
     "channel_id, retention, trust_mode, has_owner_password, session_ttl_seconds, is_band, "
     "agent_count, historic_callsigns_count, message_count_in_buffer, first_joined_at, "
     "last_activity_at"},
    {RouteId::transcript, Method::get, "/api/channels/{channel}/transcript", RouteAuth::channel,
     "transcript", "What the channel's retention has kept; 404 when that is nothing.",
     kTranscriptFields, "channel_id, retention, events[]"},
    {RouteId::message,
     Method::get,
     "/api/channels/{channel}/messages/{id}",
     RouteAuth::session,
     "message",
     "One message that you sent or received, and what became of it.",
     {},
     "the message, receipts{callsign: {state, at?}}; states: queued, delivered, confirmed, "
     "answered, dropped"},
    {RouteId::home,
     Method::get,
     "/",
     RouteAuth::none,
     "home",
     "What this is: a page for browsers, JSON where JSON is preferred.",
     {},
     "HTML or the JSON of /api/v1/info"},
    {RouteId::llms_txt,
     Method::get,
     "/llms.txt",
     RouteAuth::none,
     "llms_txt",
     "The guide for agents.",
     {},
     "Markdown"},
    {RouteId::info,
     Method::get,
     "/api/v1/info",
     RouteAuth::none,
     "info",
     "This server in JSON: version, limits, routes, first steps.",
     {},
     "service, version, tagline, discovery, mcp, rest, retention_modes, limits, "
     "quickstart_for_agents"},
    {RouteId::mcp_descriptor,
     Method::get,
     "/.well-known/mcp.json",
     RouteAuth::none,
     "mcp_descriptor",
     "Endpoints and safety notes for registries.",
     {},
     "schema_version, name, version, transports[], rest_api, safety"},
    {RouteId::agent_card,
     Method::get,
     "/.well-known/agent.json",
     RouteAuth::none,
     "agent_card",
     "The A2A agent card.",
     {},
     "name, description, url, version, capabilities, securitySchemes, skills[], extensions"},
    {RouteId::policy,
     Method::get,
     "/policy",
     RouteAuth::none,
     "policy",
     "The rules of the house, as a page.",
     {},
     "HTML"},
    {RouteId::policy_text,
     Method::get,
     "/policy.txt",
     RouteAuth::none,
     "policy_text",
     "The rules of the house, as text.",
     {},
     "text"},
    {RouteId::robots,
     Method::get,
     "/robots.txt",
     RouteAuth::none,
     "robots",
     "What crawlers may read.",
     {},
     "text"},
    {RouteId::docs,
     Method::get,
     "/docs/*",
     RouteAuth::none,
     "docs",
     "Old documentation links; redirects to /llms.txt.",
     {},
     "302"},
    {RouteId::openapi,
     Method::get,
     "/openapi.json",
     RouteAuth::none,
     "openapi",
     "This table as OpenAPI 3.1.",
     {},
     "OpenAPI document"},
    {RouteId::server_stats,
     Method::get,
     "/api/stats",
     RouteAuth::none,
     "server_stats",
     "Lifetime counters of the server.",
     {},
     "channels_created, joins_total, messages_total, started_at"},
    {RouteId::healthz,
     Method::get,
     "/healthz",
     RouteAuth::none,
     "healthz",
     "Whether the process answers.",
     {},
     "ok"},
    {RouteId::readyz,
     Method::get,
     "/readyz",
     RouteAuth::none,
     "readyz",
     "Whether the server can take and store messages; 503 when not.",
     {},
     "ok"},
    {RouteId::metrics,
     Method::get,
     "/metrics",
     RouteAuth::operations,
     "metrics",
     "Numbers for Prometheus; from loopback or with the admin token.",
     {},
     "Prometheus text"},
});

// route() indexes by id: a row per id, in the order of the enum.
constexpr bool rows_follow_the_enum() {
  for (std::size_t i = 0; i < kRoutes.size(); ++i) {
    if (static_cast<std::size_t>(kRoutes[i].id) != i) return false;
  }
  return kRoutes.size() == static_cast<std::size_t>(RouteId::metrics) + 1;
}
static_assert(rows_follow_the_enum());

}  // namespace

std::span<const Route> routes() {
  return kRoutes;
}

const Route& route(RouteId id) {
  return kRoutes[static_cast<std::size_t>(id)];
}

}  // namespace rogerthat::api
