// What the requests of each route hold, a column of the table of routes: the
// names, types and one short sentence for each field.
#pragma once

#include <string_view>

#include "api/http/route.h"

namespace rogerthat::api {

inline constexpr bool kRequired = true;
inline constexpr bool kQuery = true;

inline constexpr FieldDoc kCreateFields[] = {
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

inline constexpr FieldDoc kJoinFields[] = {
    {"callsign", "string",
     "{{callsign_pattern}} after trimming and lowercasing; picked when absent"},
    {"identity_key", "string", "fixes the callsign to the identity's"},
    {"owner_password", "string", "the channel's owner password, if it has one"},
    {"ack", "string",
     "explicit: what was not confirmed by since, ack or Last-Event-ID comes again"},
    {"intro", "string", "one line about you for the roster, up to {{intro_max}} characters"},
};

inline constexpr FieldDoc kKind{
    "kind", "string",
    "message (default), or status: a working signal of up to {{status_max}} characters, never "
    "kept"};
inline constexpr FieldDoc kPriority{"priority", "string", "min, low, default, high, urgent"};
inline constexpr FieldDoc kReplies{
    "suggested_replies", "array",
    "up to {{replies_max}} strings of up to {{reply_max}} characters"};
inline constexpr FieldDoc kAttachments{
    "attachments", "array",
    "up to {{attachments_max}} of {mime, data_base64, filename?}: JPEG, PNG, WebP, GIF or PDF, "
    "{{attachment_kib}} KiB of base64 together"};
inline constexpr FieldDoc kReplyTo{"reply_to", "integer",
                                   "the id of the message that this answers"};
inline constexpr FieldDoc kClientId{
    "client_id", "string",
    "up to {{client_id_max}} characters of your choice; the same one again within "
    "{{client_id_minutes}} minutes delivers nothing twice"};

inline constexpr FieldDoc kSendFields[] = {
    {"to", "string", "callsign, @callsign, #N of the live roster, or all (default)"},
    {"message", "string",
     "1-{{text_max}} characters; text works too; may be empty beside an attachment", !kRequired,
     !kQuery, "text"},
    kKind,
    kPriority,
    kReplies,
    kAttachments,
    kReplyTo,
    kClientId,
    {"await", "object",
     "{\"for\": delivered, confirmed or reply, \"seconds\": up to {{await_max}}}: wait for it"},
};

inline constexpr FieldDoc kSince{
    "since", "integer", "only messages after this id; confirms up to it", !kRequired, kQuery};
inline constexpr FieldDoc kAck{"ack", "integer", "confirms everything up to this id", !kRequired,
                               kQuery};

inline constexpr FieldDoc kListenFields[] = {
    {"timeout", "integer",
     "seconds to wait, up to {{listen_max}} (default {{listen_default}}); 0 answers at once",
     !kRequired, kQuery},
    kSince,
    kAck,
};
inline constexpr FieldDoc kWaitFields[] = {
    {"timeout", "integer", "seconds to wait, up to {{wait_max}} (default {{wait_default}})",
     !kRequired, kQuery},
    kSince,
    kAck,
};
inline constexpr FieldDoc kStreamFields[] = {
    kSince,
    kAck,
    {"presence", "integer", "1: also events for joins and leaves", !kRequired, kQuery},
};
inline constexpr FieldDoc kRosterFields[] = {
    {"limit", "integer", "callsigns a page, up to {{roster_page_max}} (default {{roster_shown}})",
     !kRequired, kQuery},
    {"after", "string", "the `next` of the page before", !kRequired, kQuery},
};
inline constexpr FieldDoc kHistoryFields[] = {
    {"n", "integer", "how many, up to {{history_max}} (default {{history_default}})", !kRequired,
     kQuery},
};
inline constexpr FieldDoc kTranscriptFields[] = {
    {"limit", "integer",
     "the newest so many events, up to {{transcript_max}} (default {{transcript_default}})",
     !kRequired, kQuery},
    {"format", "string", "json (default), jsonl or md", !kRequired, kQuery},
};

inline constexpr FieldDoc kRecoverFields[] = {
    {"recovery_token", "string", "shown when the account was created", kRequired},
    {"revoke", "boolean", "true: ends every other session of the account"},
};
inline constexpr FieldDoc kIdentityFields[] = {
    {"callsign", "string", "the handle; left out, or where the operator allots them: a random one"},
};

inline constexpr FieldDoc kRemoteFields[] = {
    {"share", "boolean",
     "true: the link is to be passed on, so the owner password stays out of it"},
};

inline constexpr FieldDoc kWebhookUrl{
    "url", "string", "http or https, at a public address; redirects are not followed", kRequired};
inline constexpr FieldDoc kWebhookFields[] = {
    kWebhookUrl,
    {"events", "array",
     "of message.received (default), session.joined and session.left: what it hears"},
};
inline constexpr FieldDoc kAccountWebhookFields[] = {
    kWebhookUrl,
    {"events", "array", "message.received, which is the default"},
};

inline constexpr FieldDoc kEmailFields[] = {
    {"email", "string", "the address; a code is sent to it", kRequired},
};
inline constexpr FieldDoc kCodeFields[] = {
    {"code", "string", "the digits of the mail; good for {{code_minutes}} minutes", kRequired},
};
inline constexpr FieldDoc kConfirmFields[] = {
    {"email", "string", "the address that the code was sent to", kRequired},
    {"code", "string", "the digits of the mail; good for {{code_minutes}} minutes", kRequired},
    {"revoke", "boolean", "true: ends every other session of the account"},
};

inline constexpr FieldDoc kDmSendFields[] = {
    {"to", "string", "the callsign of an identity", kRequired},
    {"text", "string", "1-{{text_max}} characters", kRequired, !kQuery, "message"},
    kClientId,
};
inline constexpr FieldDoc kDmInboxFields[] = {
    {"since", "integer", "only messages after this id; 0: all that are kept, also read ones",
     !kRequired, kQuery},
    {"limit", "integer", "how many, up to {{inbox_size}} (default {{history_max}})", !kRequired,
     kQuery},
};
inline constexpr FieldDoc kDmWaitFields[] = {
    {"timeout", "integer", "seconds to wait, up to {{wait_max}} (default {{dm_wait_default}})",
     !kRequired, kQuery},
    kSince,
    kAck,
};
inline constexpr FieldDoc kDmStreamFields[] = {kSince, kAck};
inline constexpr FieldDoc kDmAckFields[] = {
    {"id", "integer", "everything up to this id is done with", kRequired},
};
inline constexpr FieldDoc kDmSenderFields[] = {
    {"sender", "string", "the callsign of an identity", kRequired},
};

inline constexpr FieldDoc kActFields[] = {
    {"callsign", "string", "whom it is for: a callsign, whoever bears it"},
    {"identity", "string", "... or an identity, by its callsign or its account"},
    {"address", "string", "... or an address or network, as 203.0.113.0/24"},
    {"channel", "string", "there only; left out: on the whole server"},
    {"reason", "string", "told to those it is for, up to {{reason_max}} characters"},
};
inline constexpr FieldDoc kStopFields[] = {
    {"channel", "string", "there only; left out: on all channels"},
    {"reason", "string", "told to everybody, up to {{reason_max}} characters"},
};
inline constexpr FieldDoc kOperatorSendFields[] = {
    {"channel", "string", "where", kRequired},
    {"to", "string", "callsign, @callsign, #N of the live roster, or all (default)"},
    {"text", "string", "1-{{text_max}} characters; message works too", !kRequired, !kQuery,
     "message"},
    kKind,
    kPriority,
    kReplies,
    kAttachments,
    kReplyTo,
    kClientId,
};
inline constexpr FieldDoc kAdminPageFields[] = {
    {"limit", "integer", "how many, up to 1000 (default 100)", !kRequired, kQuery},
    {"cursor", "string", "`next` of the page before", !kRequired, kQuery},
};
inline constexpr FieldDoc kAuditFields[] = {
    {"limit", "integer", "how many, up to 1000 (default 100)", !kRequired, kQuery},
    {"before", "integer", "only entries before this id", !kRequired, kQuery},
};

}  // namespace rogerthat::api
