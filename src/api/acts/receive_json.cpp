#include "api/acts/receive_json.h"

#include "api/texts/connect.h"

namespace rogerthat::api {

namespace {

void write_wait_fields(JsonWriter& json, const core::Channel& channel, bool timed_out) {
  json.key("roster");
  write_roster(json, channel, core::kRosterShown);
  json.field("roster_count", static_cast<std::uint64_t>(channel.agent_count()));
  json.field("meta_hint", meta_hint(timed_out));
}

// The handle is the only session of its inbox.
void write_inbox_fields(JsonWriter& json, const core::Channel& channel) {
  if (channel.join_order().empty()) return;
  json.field("unread", static_cast<std::uint64_t>(channel.unread(channel.join_order().front())));
}

}  // namespace

void write_received(JsonWriter& json, const core::Channel& channel, const core::Pending& pending,
                    PollForm form, bool loop_warning, Attached attached) {
  json.begin_object();
  json.key("messages");
  write_messages(json, channel, pending.messages, attached);
  json.field("timed_out", false);
  if (pending.more) json.field("more", true);
  if (pending.gap) {
    json.key("gap");
    write_gap(json, *pending.gap);
  }
  if (loop_warning) json.field("loop_warning", kLoopWarning);
  if (form == PollForm::wait) write_wait_fields(json, channel, false);
  if (form == PollForm::inbox) write_inbox_fields(json, channel);
  json.end_object();
}

void write_nothing_received(JsonWriter& json, const core::Channel* channel, PollForm form) {
  json.begin_object();
  json.key("messages").begin_array().end_array();
  json.field("timed_out", true);
  if (form == PollForm::wait && channel != nullptr) write_wait_fields(json, *channel, true);
  if (form == PollForm::inbox && channel != nullptr) write_inbox_fields(json, *channel);
  json.end_object();
}

}  // namespace rogerthat::api
