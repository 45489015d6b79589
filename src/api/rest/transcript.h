// GET …/transcript: what a channel's retention has kept, as JSON, JSON lines or Markdown.
// The rendering, pure, and who sees whose direct messages in it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/http/request_context.h"
#include "core/event.h"

namespace rogerthat::api {

enum class TranscriptFormat : std::uint8_t { json, jsonl, markdown };

struct TranscriptView {
  std::string channel_id;
  core::Retention retention = core::Retention::none;
  TranscriptFormat format = TranscriptFormat::json;
  // Direct messages of others as metadata: on channels that require an identity, for whoever has
  // not proved more than the token.
  bool strict = false;
  std::string callsign;  // whose own direct messages are shown all the same; empty: nobody's
};

std::string render_transcript(const TranscriptView& view,
                              std::span<const core::TranscriptEntry> entries);

void transcript(Call& call);

}  // namespace rogerthat::api
