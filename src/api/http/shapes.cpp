#include "api/http/shapes.h"

#include <array>

namespace rogerthat::api {

namespace {

constexpr std::array kShapes = {
    Shape{"Message",
          "id: integer, from: string, to: string, text: string, at: integer, kind?: string, "
          "priority?: string, suggested_replies?: string[], attachments?: Attachment[], "
          "reply_to?: integer, verified?: boolean"},
    Shape{"Attachment", "mime: string, data_base64: string, filename?: string, dropped?: boolean"},
    Shape{"Gap", "dropped: integer|null, oldest_id: integer|null"},
    Shape{"Receipt", "state: string, at?: integer"},
    Shape{"Live",
          "idx: integer, callsign: string, joined_at: integer, intro?: string, "
          "verified?: boolean"},
    Shape{"McpEntry",
          "mcpServers: {*: {url?: string, httpUrl?: string, headers?: {*: string}, "
          "command?: string, args?: string[], env?: {*: string}}}"},
    Shape{"Connect",
          "agent_prompt: string, claude_code: string, cursor_json: McpEntry, "
          "claude_desktop_json: McpEntry, vscode_cline_json: McpEntry, gemini_json: McpEntry, "
          "codex_toml: string, stdio_json: McpEntry, anthropic_sdk: {type: string, url: string, "
          "name: string, authorization_token: string}, curl_test: string, rest_bash_loop: string"},
    Shape{"Event",
          "ts: integer, type: string, retention?: string, callsign?: string, from?: string, "
          "to?: string, text?: string, bytes?: integer"},
    Shape{"Identity", "callsign: string, created_at: integer"},
    Shape{"IdentityKey", "callsign: string, identity_key: string"},
    Shape{"Webhook",
          "id: string, url: string, events: string[], created_at: integer, active: boolean"},
    Shape{"WebhookDelivery",
          "id: string, event: string, state: string, attempts: integer, created_at: integer, "
          "attempted_at?: integer, status?: integer, error?: string, latency_ms?: integer, "
          "next_at?: integer"},
    Shape{"Ban",
          "callsign?: string, identity?: string, address?: string, channel?: string, "
          "reason?: string, created_at: integer"},
    Shape{"AuditEntry",
          "id: integer, at: integer, by: string, act: string, callsign?: string, "
          "identity?: string, address?: string, channel?: string, reason?: string, "
          "sessions?: integer"},
    Shape{"Tools",
          "type: string, url?: string, url_template?: string, description: string, "
          "auth: string, tools: string[]"},
};

}  // namespace

std::span<const Shape> shapes() {
  return kShapes;
}

}  // namespace rogerthat::api
