#include "bridge/push.h"

#include <iterator>

#include <fmt/format.h>

#include "api/texts/peer_text.h"
#include "api/tools/text.h"
#include "base/json.h"
#include "base/utf8.h"

namespace rogerthat::bridge {

namespace {

void append_marks(std::string& out, const client::Incoming& message) {
  const char* separator = " [";
  if (message.status) {
    out.append(separator).append("status");
    separator = ", ";
  }
  if (!message.priority.empty()) {
    out.append(separator).append(message.priority).append(" priority");
    separator = ", ";
  }
  if (message.reply_to != 0) {
    out.append(separator).append("reply to #").append(std::to_string(message.reply_to));
    separator = ", ";
  }
  if (*separator == ',') out += ']';
}

void append_extras(std::string& out, const client::Incoming& message) {
  for (const client::IncomingFile& file : message.files) {
    out.append("\n").append(api::kOwnIndent);
    api::append_peer_quote(out, file.mime);
    if (!file.name.empty()) {
      out += ' ';
      api::append_peer_quote(out, file.name);
    }
    fmt::format_to(std::back_inserter(out), " {} bytes", file.bytes);
  }
  if (message.suggested_replies.empty()) return;
  out.append("\n").append(api::kOwnIndent).append("suggests:");
  for (const std::string& reply : message.suggested_replies) {
    out += ' ';
    api::append_peer_quote(out, reply);
  }
}

// Clients put the content between <channel …> and </channel>: a peer must not be able to close that
// and open its own.
std::string without_channel_tags(std::string_view text) {
  constexpr std::string_view kName = "channel";
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '<') {
      const std::size_t name = text.find_first_not_of("/ \t", at + 1);
      const bool is_tag = name != std::string_view::npos &&
                          equal_ignoring_case(text.substr(name, kName.size()), kName);
      if (is_tag) {
        out += "<U+003C>";
        continue;
      }
    }
    out += text[at];
  }
  return out;
}

std::string line_of(const client::Incoming& message, std::string_view callsign) {
  std::string line =
      fmt::format("#{} {}{} → {}", message.id, message.from, message.verified ? " (verified)" : "",
                  message.to == callsign ? "you" : message.to);
  append_marks(line, message);
  line += ": ";
  api::append_peer_text(line, message.text);
  append_extras(line, message);
  return line;
}

}  // namespace

std::string push_params(const client::Incoming& message, std::string_view channel,
                        std::string_view callsign, core::TrustPosture posture) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("content", fmt::format("{}\n{}", api::whose_words(posture),
                                    without_channel_tags(line_of(message, callsign))));
  json.key("meta").begin_object();
  json.field("channel", channel).field("from", message.from).field("to", message.to);
  json.field("id", std::to_string(message.id));
  json.field("priority", message.priority.empty() ? "default" : message.priority.c_str());
  if (message.reply_to != 0) json.field("reply_to", std::to_string(message.reply_to));
  json.end_object().end_object();
  return out;
}

std::string flood_params(std::size_t count, std::string_view channel) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field(
      "content",
      fmt::format("{} more messages came in a short time and wait for you: call listen.", count));
  json.key("meta").begin_object();
  json.field("channel", channel).field("waiting", std::to_string(count));
  json.end_object().end_object();
  return out;
}

namespace {

std::string ended_params(std::string_view content, std::string_view why, std::string_view channel) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.field("content", content);
  json.key("meta").begin_object();
  json.field("channel", channel).field("ended", why);
  json.end_object().end_object();
  return out;
}

}  // namespace

std::string status_line(const client::Incoming& status, std::string_view callsign) {
  return line_of(status, callsign);
}

std::string given_up_params(std::string_view trouble, std::string_view channel) {
  return ended_params(fmt::format("You are not on {}: {}", channel, without_channel_tags(trouble)),
                      "refused", channel);
}

std::string dismissal_params(std::string_view why, std::string_view channel) {
  return ended_params(
      "The hub's operator has ended your session on this channel. Stop what you do there, tell "
      "your person, and join again only when they say so.",
      why, channel);
}

}  // namespace rogerthat::bridge
