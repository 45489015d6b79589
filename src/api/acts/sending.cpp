#include "api/acts/sending.h"

#include <cstring>

#include <fmt/format.h>

#include "api/acts/receive_json.h"
#include "api/http/told_fields.h"
#include "base/crypto.h"

namespace rogerthat::api {

namespace {

using Type = JsonValue::Type;

constexpr double kAwaitSecondsDefault = 30;

void read_replies(FieldReader& reader, std::string_view name, JsonValue value, SendFields& in) {
  in.suggested_replies.clear();
  if (!reader.is(name, value, Type::array)) return;
  value.each_item([&](JsonValue item) {
    if (item.is(Type::string)) {
      in.suggested_replies.emplace_back(item.string());
    } else {
      reader.complain("suggested_replies must hold strings only.");
    }
  });
}

void read_attachments(FieldReader& reader, std::string_view name, JsonValue value, SendFields& in) {
  static constexpr std::string_view kKnown[] = {"mime", "data_base64", "filename"};
  in.attachments.clear();
  if (!reader.is(name, value, Type::array)) return;
  value.each_item([&](JsonValue item) {
    if (!item.is(Type::object)) {
      reader.complain("attachments must hold objects: {mime, data_base64, filename?}.");
      return;
    }
    std::optional<std::string_view> mime, data, filename;
    item.each_field([&](std::string_view key, JsonValue field) {
      if (key == "mime")
        reader.read("attachments[].mime", field, mime);
      else if (key == "data_base64")
        reader.read("attachments[].data_base64", field, data);
      else if (key == "filename")
        reader.read("attachments[].filename", field, filename);
      else
        reader.unknown_inside("attachments[]", key, kKnown);
    });
    if (!mime || !data) reader.complain("Each of attachments needs mime and data_base64.");
    in.attachments.push_back({std::string(mime.value_or("")), std::string(data.value_or("")),
                              std::string(filename.value_or(""))});
  });
}

void read_await(FieldReader& reader, std::string_view name, JsonValue value, SendFields& in) {
  static constexpr std::string_view kKnown[] = {"for", "seconds"};
  in.awaits = reader.is(name, value, Type::object);
  in.await_for.reset();
  in.await_seconds.reset();
  if (!in.awaits) return;
  value.each_field([&](std::string_view key, JsonValue field) {
    if (key == "for")
      reader.read("await.for", field, in.await_for);
    else if (key == "seconds")
      reader.read("await.seconds", field, in.await_seconds);
    else
      reader.unknown_inside("await", key, kKnown);
  });
}

constexpr Field<SendFields> kSendReads[] = {
    {"to", read_member<&SendFields::to>},
    {"message", read_member<&SendFields::message>},
    {"text", read_member<&SendFields::text>},
    {"kind", read_member<&SendFields::kind>},
    {"priority", read_member<&SendFields::priority>},
    {"reply_to", read_member<&SendFields::reply_to>},
    {"client_id", read_member<&SendFields::client_id>},
    {"suggested_replies", read_replies},
    {"attachments", read_attachments},
    {"await", read_await},  // last: tools have none
};
static_assert(reads_as_told<SendFields>(kSendReads, kSendFields));
static_assert(reads_what_is_told<SendFields>(kSendReads, kDmSendFields));

void interpret_kind(FieldReader& reader, std::string_view kind, core::SendCommand& command) {
  if (kind == "message") return;
  if (kind == "status") {
    command.kind = core::Kind::status;
    return;
  }
  reader.complain("kind must be \"message\" (the default) or \"status\".",
                  kind == "text"
                      ? "\"text\" is the field for the message itself; leave kind out."
                      : "Leave kind out; status is for a line that says what you are doing.");
}

// What a sender sees whose text has not come along under a name that is known here.
void complain_of_nothing(FieldReader& reader, const SendFields& in) {
  std::string others;
  for (const std::string_view name : reader.unknown().looked_at()) {
    if (others.size() > 100) break;
    if (!others.empty()) others += ", ";
    others += name.substr(0, 64);
  }
  const bool sent = in.message.present() || in.text.present();
  reader.complain(sent ? fmt::format("{} is empty.", in.message.present() ? "message" : "text")
                       : "message is missing.",
                  others.empty()
                      ? fmt::format("Send {{\"to\": …, \"message\": …}} with 1 to {} characters.",
                                    core::kTextCodePointsMax)
                      : fmt::format("Put the text into message; what came instead is {}.", others));
}

void interpret_await(FieldReader& reader, const SendFields& in, hub::SendRequest& request) {
  if (!in.awaits) return;
  const std::string_view what = in.await_for.value_or("");
  if (what == "delivered")
    request.await = hub::AwaitFor::delivered;
  else if (what == "confirmed")
    request.await = hub::AwaitFor::confirmed;
  else if (what == "reply")
    request.await = hub::AwaitFor::reply;
  else
    reader.complain("await.for must be \"delivered\", \"confirmed\" or \"reply\".");
  const double seconds = in.await_seconds.value_or(kAwaitSecondsDefault);
  constexpr double kMax = static_cast<double>(core::kAwaitMax) / kSecond;
  if (!(seconds > 0) || seconds > kMax) {
    reader.complain(fmt::format("await.seconds must be above 0 and at most {}.", kMax));
    return;
  }
  request.await_time = static_cast<Millis>(seconds * kSecond);
  if (request.command.kind == core::Kind::status) {
    reader.complain("A status cannot be awaited: nothing of it is kept.");
  }
}

void interpret(FieldReader& reader, const SendFields& in, hub::SendRequest& request) {
  core::SendCommand& command = request.command;
  if (in.kind) interpret_kind(reader, *in.kind, command);
  if (in.priority) {
    if (const auto priority = core::parse_priority(*in.priority)) {
      command.priority = *priority;
    } else {
      reader.complain("priority must be one of min, low, default, high, urgent.");
    }
  }
  if (in.reply_to) {
    command.reply_to = *in.reply_to;
    if (*in.reply_to <= 0) reader.complain("reply_to must be the id of a message on this channel.");
  }
  command.client_id = in.client_id.value_or("");
  interpret_await(reader, in, request);
}

// What makes two sends the same one. Stable across restarts: durable channels keep it.
std::uint64_t body_hash(const core::SendCommand& command) {
  std::string all;
  const auto add = [&all](std::string_view part) {
    fmt::format_to(std::back_inserter(all), "{}:", part.size());
    all += part;
  };
  add(command.to.value_or("all"));
  add(command.text);
  add(core::to_string(command.kind));
  add(core::to_string(command.priority));
  add(std::to_string(command.reply_to));
  for (const std::string& reply : command.suggested_replies) add(reply);
  add("");
  for (const core::Attachment& attachment : command.attachments) {
    add(attachment.mime);
    add(attachment.data_base64);
    add(attachment.filename);
  }
  const Digest digest = sha256(all);
  std::uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

}  // namespace

std::span<const Field<SendFields>> send_fields() {
  return kSendReads;
}

std::span<const Field<SendFields>> send_fields_but_await() {
  return std::span(kSendReads).first<std::size(kSendReads) - 1>();
}

Result<void> read_send(FieldReader& reader, SendFields& in, SendInput& out) {
  core::SendCommand& command = out.request.command;
  interpret(reader, in, out.request);
  command.text = in.message.present() ? in.message.view() : in.text.view();
  command.suggested_replies = std::move(in.suggested_replies);
  command.attachments = std::move(in.attachments);
  if (command.text.empty() && command.attachments.empty()) complain_of_nothing(reader, in);
  if (reader.error()) return std::unexpected(*reader.error());

  if (in.to.is_number()) {
    out.digits = in.to.view();
    command.to = out.digits;
  } else if (!in.to.view().empty()) {
    command.to = in.to.view();
  }
  if (!command.client_id.empty()) command.body_hash = body_hash(command);
  return {};
}

std::string hint_of_sent(const hub::SendReply& reply) {
  const bool status = reply.kind == core::Kind::status;
  switch (reply.reach) {
    case core::Reach::at_once:
      break;
    case core::Reach::itself:
      return "That is your own callsign: you do not receive it, and nobody else does.";
    case core::Reach::later:
    case core::Reach::away:
    case core::Reach::nobody:
      if (status) return "Nobody was listening just then, and a status is not kept.";
      if (reply.reach == core::Reach::nobody) {
        return "Nobody is listening just now; whoever receives next gets it.";
      }
      return reply.to + (reply.reach == core::Reach::away
                             ? " is away and gets it after joining again."
                             : " is here, but not listening just now, and gets it with the next "
                               "receive.");
  }
  return {};
}

void write_send_answer(std::string& out, const hub::SendReply& reply, const core::Channel* channel,
                       hub::Attached attached) {
  JsonWriter json(out);
  json.begin_object();
  json.field("ok", true);
  json.field("id", reply.id);
  json.field("at", reply.at);
  json.field("queued", reply.queued);
  json.field("to", reply.to);
  if (reply.kind != core::Kind::message) json.field("kind", core::to_string(reply.kind));
  if (reply.priority != core::Priority::normal) {
    json.field("priority", core::to_string(reply.priority));
  }
  if (!reply.suggested_replies.empty()) {
    json.key("suggested_replies").begin_array();
    for (const std::string& suggested : reply.suggested_replies) json.value(suggested);
    json.end_array();
  }
  if (reply.duplicate) json.field("duplicate", true);
  json.field("reached", static_cast<std::uint64_t>(reply.reached));
  if (const std::string hint = hint_of_sent(reply); !hint.empty()) json.field("hint", hint);
  if (reply.loop_warning) json.field("loop_warning", kLoopWarning);
  if (reply.receipt) {
    json.key("receipt").begin_object();
    json.field("callsign", reply.receipt_callsign);
    json.field("state", core::to_string(*reply.receipt));
    json.end_object();
  }
  if (reply.reply != nullptr && channel != nullptr) {
    json.key("reply");
    hub::write_message(json, *channel, *reply.reply, attached);
  }
  if (reply.await_timed_out) json.field("await_timed_out", true);
  if (reply.await_conflict) json.field("await_conflict", true);
  json.end_object();
}

}  // namespace rogerthat::api
