// A send, whoever asks for it: by REST or as a tool. Its fields, read in one pass, and
// those of its answer. The way is hot: nothing is allocated that the message does not keep.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/body.h"
#include "core/command.h"
#include "hub/message_json.h"
#include "hub/shard.h"

namespace rogerthat::api {

// As sent. Views into the document.
struct SendFields {
  TextField to, message, text;
  std::optional<std::string_view> kind, priority, client_id;
  std::optional<std::int64_t> reply_to;
  std::vector<std::string> suggested_replies;
  std::vector<core::Attachment> attachments;
  std::optional<std::string_view> await_for;
  std::optional<double> await_seconds;
  bool awaits = false;
};
std::span<const Field<SendFields>> send_fields();
std::span<const Field<SendFields>> send_fields_but_await();

// `request.command.to` views into the document or into `digits`, which must live as long.
struct SendInput {
  hub::SendRequest request;
  std::string digits;
};
// What the fields mean, or the first complaint of `reader`, which has read them.
Result<void> read_send(FieldReader& reader, SendFields& fields, SendInput& out);

// What a sender should know of a message that nobody took at once; empty: nothing.
std::string hint_of_sent(const hub::SendReply& reply);
void write_send_answer(std::string& out, const hub::SendReply& reply,
                       const core::Channel* channel,  // null: the channel is gone
                       hub::Attached attached = hub::Attached::whole);

}  // namespace rogerthat::api
