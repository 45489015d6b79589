#include "core/transcript.h"

namespace rogerthat::core {

using Type = TranscriptEntry::Type;

TranscriptEntry created_entry(Retention retention, Millis at) {
  TranscriptEntry entry;
  entry.type = Type::channel_created;
  entry.ts = at;
  entry.text = to_string(retention);
  return entry;
}

namespace {
std::optional<TranscriptEntry> presence(Retention retention, Type type, std::string_view callsign,
                                        Millis at) {
  if (retention == Retention::none) return std::nullopt;
  TranscriptEntry entry;
  entry.type = type;
  entry.ts = at;
  entry.who = callsign;
  return entry;
}
}  // namespace

std::optional<TranscriptEntry> joined_entry(Retention retention, std::string_view callsign,
                                            Millis at) {
  return presence(retention, Type::join, callsign, at);
}

std::optional<TranscriptEntry> left_entry(Retention retention, std::string_view callsign,
                                          Millis at) {
  return presence(retention, Type::leave, callsign, at);
}

std::optional<TranscriptEntry> message_entry(Retention retention, const Message& message,
                                             std::string_view from, std::string_view to,
                                             bool first) {
  if (retention == Retention::none || message.kind == Kind::status) return std::nullopt;
  if (retention == Retention::prompts && !first) return std::nullopt;
  TranscriptEntry entry;
  entry.ts = message.at;
  entry.id = message.id;
  entry.who = from;
  entry.to = to;
  if (retention == Retention::metadata) {
    entry.type = Type::message_meta;
    entry.bytes = message.text.size();
  } else {
    entry.type = Type::message;
    entry.text = message.text;
  }
  return entry;
}

}  // namespace rogerthat::core
