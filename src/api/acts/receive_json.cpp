#include "api/acts/receive_json.h"

#include "api/texts/connect.h"

namespace rogerthat::api {

namespace {

void write_wait_fields(JsonWriter& json, const core::Channel& channel, std::string_view hint) {
  json.key("roster");
  hub::write_roster(json, channel, core::kRosterShown);
  json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.field("meta_hint", hint);
}

// The handle is the only session of its inbox.
void write_inbox_fields(JsonWriter& json, const core::Channel& channel) {
  if (channel.join_order().empty()) return;
  json.field("unread", static_cast<std::uint64_t>(channel.unread(channel.join_order().front())));
}

}  // namespace

void write_received(JsonWriter& json, const core::Channel& channel, const core::Pending& pending,
                    PollForm form, bool loop_warning, hub::Attached attached) {
  json.begin_object();
  json.key("messages");
  hub::write_messages(json, channel, pending.messages, attached);
  json.field("timed_out", false);
  if (pending.more) json.field("more", true);
  if (pending.gap) {
    json.key("gap");
    hub::write_gap(json, *pending.gap);
  }
  if (loop_warning) json.field("loop_warning", kLoopWarning);
  if (form == PollForm::wait) write_wait_fields(json, channel, meta_hint(false));
  if (form == PollForm::inbox) write_inbox_fields(json, channel);
  json.end_object();
}

std::string_view displaced_text(hub::EndReason reason) {
  if (reason == hub::EndReason::superseded) {
    return "A newer receive under your callsign has taken over and brings what comes: stop this "
           "one, do not call again from here.";
  }
  if (reason == hub::EndReason::contended) {
    return "Two readers under your callsign take each other's place again and again, and each gets "
           "only some of the messages: stop one of them, or join it under a callsign of its own.";
  }
  return {};
}

void write_nothing_received(JsonWriter& json, const core::Channel* channel, PollForm form,
                            hub::EndReason reason) {
  const std::string_view displaced = displaced_text(reason);
  json.begin_object();
  json.key("messages").begin_array().end_array();
  json.field("timed_out", true);
  if (!displaced.empty()) json.field("superseded", true).field("hint", displaced);
  if (form == PollForm::wait && channel != nullptr) {
    write_wait_fields(json, *channel, displaced.empty() ? meta_hint(true) : std::string(displaced));
  }
  if (form == PollForm::inbox && channel != nullptr) write_inbox_fields(json, *channel);
  json.end_object();
}

}  // namespace rogerthat::api
