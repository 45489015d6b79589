// What each route answers, in the notation of http/shapes.h: the columns of the table of routes
// that say it.
#pragma once

#include <string_view>

namespace rogerthat::api {

inline constexpr std::string_view kDone = "ok: boolean";

inline constexpr std::string_view kCreated =
    "channel_id: string, join_token: string, mcp_url: string, bootstrap_mcp_url: string, "
    "retention: string, trust_mode: string, require_identity: boolean, "
    "session_ttl_seconds: number, has_owner_password: boolean, owner_password: string|null, "
    "creator_account_id: string|null, durable: boolean, ring_size: integer, on_collision: string, "
    "loop_guard: string, notice?: string, privacy: string, peer_invite: string, connect: Connect, "
    "listener?: {callsign: string, command: string}";
inline constexpr std::string_view kChannelInfo =
    "channel_id: string, exists: boolean, retention: string, trust_mode: string, "
    "require_identity: boolean, session_ttl_seconds: number, has_owner_password: boolean, "
    "is_band: boolean, agent_count: integer, endpoints: {*: string}, auth: string, docs: string";
inline constexpr std::string_view kBandList =
    "bands: {name: string, description: string, agent_count: integer, join_url: string, "
    "mcp_args: {channel_id: string, token: string}}[]";

inline constexpr std::string_view kJoined =
    "session_id: string, callsign: string, identity_account: string|null, "
    "human_authorized: boolean, trust_mode: string, trust_posture: string, instructions: string, "
    "idempotent: boolean, collision_warning?: string, callsign_warning?: string, roster: string[], "
    "roster_count: integer, roster_with_index: Live[], history: Message[], retention: string, "
    "session_ttl_seconds: number, unread: integer, privacy: string, hint: string";
inline constexpr std::string_view kSent =
    "ok: boolean, id: integer, at: integer, queued: boolean, to: string, kind?: string, "
    "priority?: string, suggested_replies?: string[], duplicate?: boolean, reached: integer, "
    "loop_warning?: string, receipt?: {callsign: string, state: string}, reply?: Message, "
    "await_timed_out?: boolean, await_conflict?: boolean, hint?: string";
inline constexpr std::string_view kListened =
    "messages: Message[], timed_out: boolean, more?: boolean, gap?: Gap, loop_warning?: string, "
    "superseded?: boolean, hint?: string";
inline constexpr std::string_view kWaited =
    "messages: Message[], timed_out: boolean, more?: boolean, gap?: Gap, loop_warning?: string, "
    "superseded?: boolean, hint?: string, roster?: string[], roster_count?: integer, "
    "meta_hint?: string";
inline constexpr std::string_view kRosters =
    "roster: string[], roster_with_index: Live[], roster_all: {callsign: string, online: boolean, "
    "idx: integer|null}[], roster_count: integer, total: integer, next?: string";
inline constexpr std::string_view kStats =
    "channel_id: string, retention: string, trust_mode: string, has_owner_password: boolean, "
    "session_ttl_seconds: number, is_band: boolean, agent_count: integer, "
    "historic_callsigns_count: integer, message_count_in_buffer: integer, "
    "first_joined_at: integer|null, last_activity_at: integer";
inline constexpr std::string_view kTranscript =
    "channel_id: string, retention: string, events: Event[]";
inline constexpr std::string_view kMessageState =
    "id: integer, from: string, to: string, text?: string, at?: integer, kind?: string, "
    "priority?: string, suggested_replies?: string[], attachments?: Attachment[], "
    "reply_to?: integer, verified?: boolean, dropped?: boolean, receipts?: {*: Receipt}, "
    "receipt_counts?: {*: integer}";

inline constexpr std::string_view kNewAccount =
    "account_id: string, recovery_token: string, session_token: string, notice: string";
inline constexpr std::string_view kRecovered = "account_id: string, session_token: string";
inline constexpr std::string_view kAccount =
    "account_id: string, created_at: integer, email?: string, email_verified?: boolean, "
    "email_pending?: string, identities: Identity[]";
inline constexpr std::string_view kOwnChannels =
    "channels: {id: string, created_at: integer, retention: string, trust_mode: string, "
    "require_identity: boolean, agent_count: integer}[]";
inline constexpr std::string_view kNewKey =
    "callsign: string, identity_key: string, notice: string";
inline constexpr std::string_view kMailed = "ok: boolean, notice: string";

inline constexpr std::string_view kDmSent =
    "ok: boolean, id: integer, at: integer, queued: boolean, to: string, duplicate?: boolean";
inline constexpr std::string_view kDmInbox = "messages: Message[], more?: boolean, unread: integer";
inline constexpr std::string_view kDmWaited =
    "messages: Message[], timed_out: boolean, more?: boolean, gap?: Gap, superseded?: boolean, "
    "hint?: string, unread?: integer";
inline constexpr std::string_view kDmRead = "ok: boolean, unread: integer";

inline constexpr std::string_view kRemoteOpened =
    "channel_id: string, channel_token: string, owner_password: string, agent: IdentityKey, "
    "phone: IdentityKey, mobile_url: string, qr_ascii: string, qr_ascii_clean: string, "
    "qr_data_url: string, account_id: string, recovery_token: string, "
    "session_ttl_seconds: integer, listener_command: string, monitor_command: string, "
    "doorbell_command: string, reply_command: string, notice: string, hint: string";

inline constexpr std::string_view kNewHook =
    "id: string, secret: string, url: string, events: string[], notice: string";
inline constexpr std::string_view kHooks = "webhooks: Webhook[]";
inline constexpr std::string_view kHookDeliveries = "deliveries: WebhookDelivery[]";

inline constexpr std::string_view kAdminChannels =
    "channels: {id: string, retention: string, trust_mode: string, roster: string[], "
    "agent_count: integer, message_count: integer, first_joined_at: integer|null, "
    "last_activity_at: integer}[], total: integer, next?: string";
inline constexpr std::string_view kOverview =
    "version: string, started_at: integer, uptime_seconds: number, ready: boolean, "
    "draining: boolean, store_healthy: boolean, connections: {*: integer}, channels: integer, "
    "sessions: integer, parked_polls: integer, streams: integer, awaits: integer, "
    "mcp: {*: integer}, per_second: {*: number}, queues: {*: integer}, memory: {*: integer}, "
    "process: {*: number}, bans: integer, lifetime: {*: integer}";
inline constexpr std::string_view kSessionsEnded = "ok: boolean, sessions: integer";
inline constexpr std::string_view kBanned = "ok: boolean, sessions: integer, ban: Ban";
inline constexpr std::string_view kStopped = "ok: boolean, channels: integer, sessions: integer";

inline constexpr std::string_view kInfo =
    "service: string, version: string, tagline: string, homepage: string|null, "
    "repository: string|null, license: string, discovery: {*: string}, mcp: {bootstrap_url: "
    "string, bootstrap_tool: string, channel_url_template: string, channel_tools: string[], "
    "protocol: string}, rest: {base_url: string, auth: string, endpoints: {*: string}}, "
    "retention_modes: string[], limits: {send_per_ip_per_minute_default: integer, "
    "send_per_ip_per_minute_bands: integer, session_idle_ttl_seconds_default: integer, "
    "session_idle_ttl_seconds_max: integer, max_message_length_chars: integer, "
    "callsign_pattern: string, ring_buffer_messages_per_channel: integer}, "
    "quickstart_for_agents: {*: string}";
inline constexpr std::string_view kDescriptor =
    "schema_version: string, name: string, version: string, description: string, "
    "homepage: string|null, repository: string|null, license: string, protocol: string, "
    "transports: Tools[], rest_api: {*: {method: string, path: string, auth: string, "
    "body?: {*: string}}}, safety: {messages_are_untrusted: boolean, note: string}";
inline constexpr std::string_view kAgentCard =
    "name: string, description: string, url: string, provider: {organization: string, url: "
    "string}, version: string, documentationUrl: string, capabilities: {streaming: boolean, "
    "pushNotifications: boolean, stateTransitionHistory: boolean}, securitySchemes: {*: any}, "
    "defaultInputModes: string[], defaultOutputModes: string[], skills: {id: string, "
    "name: string, description: string, tags: string[], examples: string[]}[], "
    "extensions: {*: string}";
inline constexpr std::string_view kOpenApi =
    "openapi: string, info: any, servers: any[], tags: any[], paths: {*: any}, components: any";
inline constexpr std::string_view kServerStats =
    "channels_created: integer, joins_total: integer, messages_total: integer, "
    "started_at: integer";
inline constexpr std::string_view kJsonRpc = "jsonrpc: string, id?: any, result?: any, error?: any";

}  // namespace rogerthat::api
