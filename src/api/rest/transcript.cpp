#include "api/rest/transcript.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "api/access/channel_caller.h"
#include "base/json.h"
#include "base/utf8.h"

namespace rogerthat::api {

namespace {

using EventType = core::TranscriptEntry::Type;

std::string_view type_name(EventType type) {
  switch (type) {
    case EventType::channel_created:
      return "channel_created";
    case EventType::join:
      return "join";
    case EventType::leave:
      return "leave";
    case EventType::message:
      return "message";
    case EventType::message_meta:
      break;
  }
  return "message_meta";
}

// How an entry is shown: a direct message of others may come down to its metadata.
EventType shown_as(const TranscriptView& view, const core::TranscriptEntry& entry) {
  if (entry.type != EventType::message || !view.strict || entry.to == "all") return entry.type;
  const bool own =
      !view.callsign.empty() && (entry.who == view.callsign || entry.to == view.callsign);
  return own ? EventType::message : EventType::message_meta;
}

std::uint64_t bytes_of(const core::TranscriptEntry& entry) {
  return entry.type == EventType::message ? entry.text.size() : entry.bytes;
}

void write_entry(JsonWriter& json, const TranscriptView& view, const core::TranscriptEntry& entry) {
  const EventType type = shown_as(view, entry);
  json.begin_object();
  json.field("ts", entry.ts);
  json.field("type", type_name(type));
  switch (type) {
    case EventType::channel_created:
      json.field("retention", entry.text);
      break;
    case EventType::join:
    case EventType::leave:
      json.field("callsign", entry.who);
      break;
    case EventType::message:
      json.field("from", entry.who).field("to", entry.to).field("text", entry.text);
      break;
    case EventType::message_meta:
      json.field("from", entry.who).field("to", entry.to).field("bytes", bytes_of(entry));
      break;
  }
  json.end_object();
}

// Texts are quoted line by line, so that none of them can pass for a line of the transcript.
void append_quoted(std::string& out, std::string_view text) {
  while (true) {
    const std::size_t end = text.find('\n');
    out += "\n  > ";
    out += text.substr(0, end);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

void append_markdown(std::string& out, const TranscriptView& view,
                     const core::TranscriptEntry& entry) {
  const EventType type = shown_as(view, entry);
  fmt::format_to(std::back_inserter(out), "- {:%Y-%m-%d %H:%M:%S}Z ",
                 fmt::gmtime(static_cast<std::time_t>(entry.ts / kSecond)));
  switch (type) {
    case EventType::channel_created:
      out += "channel created, retention " + entry.text;
      break;
    case EventType::join:
      out += "**" + entry.who + "** joined";
      break;
    case EventType::leave:
      out += "**" + entry.who + "** left";
      break;
    case EventType::message:
      out += "**" + entry.who + "** to " + entry.to + ":";
      append_quoted(out, entry.text);
      break;
    case EventType::message_meta:
      fmt::format_to(std::back_inserter(out), "**{}** to {}: {} bytes", entry.who, entry.to,
                     bytes_of(entry));
      break;
  }
  out += '\n';
}

std::string_view content_type(TranscriptFormat format) {
  switch (format) {
    case TranscriptFormat::jsonl:
      return "application/x-ndjson; charset=utf-8";
    case TranscriptFormat::markdown:
      return "text/markdown; charset=utf-8";
    case TranscriptFormat::json:
      break;
  }
  return net::kJson;
}

Result<TranscriptFormat> read_format(const Call& call) {
  const std::string format = call.request.query_parameter("format").value_or("json");
  if (format.empty() || format == "json") return TranscriptFormat::json;
  if (format == "jsonl") return TranscriptFormat::jsonl;
  if (format == "md") return TranscriptFormat::markdown;
  return fail(ErrorCode::invalid, "format must be json, jsonl or md.");
}

// A transcript on its way: read and rendered on a worker.
struct Reading {
  Answer answer;
  hub::Hub& hub;
  hub::Shard& shard;
  TranscriptView view;
  core::ChannelNo channel = 0;
  std::size_t limit = 0;
  Result<std::string> rendered = std::string();
};

void read_stored(const std::shared_ptr<Reading>& reading) {
  const bool begun = on_worker(
      reading->hub, reading->shard.number(), reading,
      [](Reading& r) {
        const auto entries = r.hub.store().transcript(r.channel, r.limit);
        if (entries) {
          r.rendered = render_transcript(r.view, *entries);
        } else {
          r.rendered = std::unexpected(entries.error());
        }
      },
      [](const std::shared_ptr<Reading>& r) {
        if (!r->rendered) return r->answer.error(r->rendered.error());
        net::Response response;
        response.content_type = content_type(r->view.format);
        response.body = std::move(*r->rendered);
        r->answer.respond(std::move(response));
      });
  if (!begun) reading->answer.error(too_busy());
}

// What was said before this request is in it, also where the disk is a moment behind.
void read(std::shared_ptr<Reading> reading) {
  hub::Shard& shard = reading->shard;
  shard.when_stored([reading = std::move(reading)] { read_stored(reading); });
}

}  // namespace

std::string render_transcript(const TranscriptView& view,
                              std::span<const core::TranscriptEntry> entries) {
  std::string out;
  JsonWriter json(out);
  switch (view.format) {
    case TranscriptFormat::json:
      json.begin_object();
      json.field("channel_id", view.channel_id);
      json.field("retention", core::to_string(view.retention));
      json.key("events").begin_array();
      for (const core::TranscriptEntry& entry : entries) write_entry(json, view, entry);
      json.end_array().end_object();
      break;
    case TranscriptFormat::jsonl:
      for (const core::TranscriptEntry& entry : entries) {
        JsonWriter line(out);
        write_entry(line, view, entry);
        out += '\n';
      }
      break;
    case TranscriptFormat::markdown:
      fmt::format_to(std::back_inserter(out), "# {} (retention {})\n\n", view.channel_id,
                     core::to_string(view.retention));
      for (const core::TranscriptEntry& entry : entries) append_markdown(out, view, entry);
      break;
  }
  return out;
}

void transcript(Call& call) {
  const auto caller = channel_caller(call);
  if (!caller) return call.answer.error(caller.error());
  hub::ChannelEntry& entry = *caller->entry;
  const core::ChannelRecord& record = entry.record;
  if (record.options.retention == core::Retention::none) {
    return call.answer.error({ErrorCode::not_found,
                              "This channel keeps no transcript: its retention is none.",
                              "GET …/history shows what the ring holds."});
  }
  const auto session = optional_session(call, entry);
  if (!session) return call.answer.error(session.error());
  const auto format = read_format(call);
  if (!format) return call.answer.error(format.error());

  const bool strict = record.options.require_identity && !caller->creator;
  TranscriptView view{record.id, record.options.retention, *format, strict, {}};
  if (*session != core::kNone) {
    const core::Channel& channel = entry.channel;
    view.callsign = channel.callsign_of(channel.session(*session).member);
  }
  const std::size_t limit =
      count_parameter(call, "limit", core::kTranscriptDefault, core::kTranscriptMax);
  const bool proves = gives_owner_password(call, *caller);
  auto reading = std::make_shared<Reading>(Answer(std::move(call.answer)), call.services.hub,
                                           call.shard, std::move(view), record.no, limit);
  if (!proves) return read(std::move(reading));
  prove_owner(call, entry, [reading](const Result<void>& proved) {
    if (!proved) return reading->answer.error(proved.error());
    reading->view.strict = false;
    read(reading);
  });
}

}  // namespace rogerthat::api
