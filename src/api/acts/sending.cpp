#include "api/rest/send.h"

#include <cstring>

#include <fmt/format.h>

#include "api/access/auth.h"
#include "api/acts/message_json.h"
#include "api/http/body.h"

namespace rogerthat::api {

namespace {

using Type = JsonValue::Type;

constexpr double kAwaitSecondsDefault = 30;

struct SendFields {
  TextField to, message, text;
  std::optional<std::string_view> kind, priority, client_id;
  std::optional<std::int64_t> reply_to;
  std::optional<std::string_view> await_for;
  std::optional<double> await_seconds;
  bool awaits = false;
};

void read_replies(FieldReader& reader, JsonValue value, std::vector<std::string>& out) {
  out.clear();
  if (!reader.is("suggested_replies", value, Type::array)) return;
  value.each_item([&](JsonValue item) {
    if (item.is(Type::string)) {
      out.emplace_back(item.string());
    } else {
      reader.complain("suggested_replies must hold strings only.");
    }
  });
}

void read_attachments(FieldReader& reader, JsonValue value, std::vector<core::Attachment>& out) {
  out.clear();
  if (!reader.is("attachments", value, Type::array)) return;
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
    });
    if (!mime || !data) reader.complain("Each of attachments needs mime and data_base64.");
    out.push_back({std::string(mime.value_or("")), std::string(data.value_or("")),
                   std::string(filename.value_or(""))});
  });
}

void read_await(FieldReader& reader, JsonValue value, SendFields& in) {
  in.awaits = reader.is("await", value, Type::object);
  in.await_for.reset();
  in.await_seconds.reset();
  if (!in.awaits) return;
  value.each_field([&](std::string_view key, JsonValue field) {
    if (key == "for")
      reader.read("await.for", field, in.await_for);
    else if (key == "seconds")
      reader.read("await.seconds", field, in.await_seconds);
  });
}

void read_field(FieldReader& reader, std::string_view key, JsonValue value, SendFields& in,
                core::SendCommand& command) {
  if (key == "to")
    reader.read(key, value, in.to);
  else if (key == "message")
    reader.read(key, value, in.message);
  else if (key == "text")
    reader.read(key, value, in.text);
  else if (key == "kind")
    reader.read(key, value, in.kind);
  else if (key == "priority")
    reader.read(key, value, in.priority);
  else if (key == "reply_to")
    reader.read(key, value, in.reply_to);
  else if (key == "client_id")
    reader.read(key, value, in.client_id);
  else if (key == "suggested_replies")
    read_replies(reader, value, command.suggested_replies);
  else if (key == "attachments")
    read_attachments(reader, value, command.attachments);
  else if (key == "await")
    read_await(reader, value, in);
}

void interpret_kind(FieldReader& reader, std::string_view kind, core::SendCommand& command) {
  if (kind == "message") return;
  if (kind == "status") {
    command.kind = core::Kind::status;
    return;
  }
  reader.complain(
      "kind must be \"message\" (the default) or \"status\".",
      kind == "text" ? "\"text\" is the field for the message itself; leave kind out." : "");
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

// Watches the connection of a sender that awaits what becomes of its message: when it goes, nobody
// is left to wait.
class AwaitWatch final : public net::Parked {
 public:
  AwaitWatch(hub::Shard& shard, hub::ChannelHandle channel, std::uint64_t waiter)
      : shard_(shard), channel_(channel), waiter_(waiter) {}
  void peer_half_closed() override { shard_.give_up_await(channel_, waiter_); }
  void closed(bool) override { shard_.give_up_await(channel_, waiter_); }

 private:
  hub::Shard& shard_;
  hub::ChannelHandle channel_;
  std::uint64_t waiter_;
};

void watch_await(Call& call, const hub::ChannelEntry& entry, hub::SendRequest& request) {
  thread_local std::uint64_t waiters = 0;
  request.waiter = ++waiters;
  call.answer.exchange().park(
      std::make_unique<AwaitWatch>(call.shard, entry.handle, request.waiter));
}

}  // namespace

Result<void> read_send(std::string_view body, SendInput& out) {
  const auto parsed = parse_body(body);
  if (!parsed) return std::unexpected(parsed.error());
  return read_send(*parsed, out);
}

Result<void> read_send(const std::optional<JsonValue>& fields, SendInput& out) {
  core::SendCommand& command = out.request.command;
  SendFields in;
  FieldReader reader;
  if (fields) {
    fields->each_field([&](std::string_view key, JsonValue value) {
      read_field(reader, key, value, in, command);
    });
  }
  interpret(reader, in, out.request);
  if (reader.error()) return std::unexpected(*reader.error());

  command.text = in.message.present() ? in.message.view() : in.text.view();
  if (in.to.is_number()) {
    out.digits = in.to.view();
    command.to = out.digits;
  } else if (!in.to.view().empty()) {
    command.to = in.to.view();
  }
  if (!command.client_id.empty()) command.body_hash = body_hash(command);
  return {};
}

void write_send_answer(std::string& out, const hub::SendReply& reply, const core::Channel* channel,
                       Attached attached) {
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
  if (reply.loop_warning) json.field("loop_warning", kLoopWarning);
  if (reply.receipt) {
    json.key("receipt").begin_object();
    json.field("callsign", reply.receipt_callsign);
    json.field("state", core::to_string(*reply.receipt));
    json.end_object();
  }
  if (reply.reply != nullptr && channel != nullptr) {
    json.key("reply");
    write_message(json, *channel, *reply.reply, attached);
  }
  if (reply.await_timed_out) json.field("await_timed_out", true);
  if (reply.await_conflict) json.field("await_conflict", true);
  json.end_object();
}

hub::Limited limit_of_sends(const hub::ChannelEntry& entry) {
  return entry.record.options.band ? hub::Limited::send_band : hub::Limited::send;
}

void send(Call& call) {
  const auto found = authorised_channel(call);
  if (!found) {
    call.answer.set_limit(send_limit(asker(call), hub::Limited::send, Counting::look));
    return call.answer.error(found.error());
  }
  hub::ChannelEntry& entry = **found;
  const hub::Limited what = limit_of_sends(entry);
  const hub::LimitState limit = send_limit(asker(call), what, Counting::take);
  call.answer.set_limit(limit);
  if (!limit.allowed) return call.answer.error(limit_error(what, limit));

  SendInput input;
  if (auto ok = read_send(call.request.body, input); !ok) return call.answer.error(ok.error());
  const auto session = required_session(call, entry);
  if (!session) return call.answer.error(session.error());
  input.request.command.session = *session;
  if (input.request.await != hub::AwaitFor::nothing) watch_await(call, entry, input.request);

  hub::Shard& shard = call.shard;
  shard.send(entry, std::move(input.request),
             [answer = std::move(call.answer), &shard,
              handle = entry.handle](Result<hub::SendReply> reply) mutable {
               if (!reply) return answer.error(reply.error());
               const hub::ChannelEntry* const sent_on =
                   reply->reply == nullptr ? nullptr : shard.find(handle);
               std::string& body = scratch();
               write_send_answer(body, *reply, sent_on == nullptr ? nullptr : &sent_on->channel);
               answer.json(body);
             });
}

}  // namespace rogerthat::api
