#include "core/content.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "core/limits.h"

namespace rogerthat::core {

namespace {

constexpr std::array<std::string_view, 5> kAttachmentTypes{"image/jpeg", "image/png", "image/webp",
                                                           "image/gif", "application/pdf"};

Result<void> check_text(const SendCommand& command) {
  const std::string& text = command.text;
  const bool status = command.kind == Kind::status;
  if (text.empty()) {
    if (status) return fail(ErrorCode::invalid, "A status needs a text of 1 to 280 characters.");
    if (!command.attachments.empty()) return {};
    return fail(ErrorCode::invalid,
                "message is empty: send 1 to 8192 characters, or an attachment.");
  }
  if (!is_valid_utf8(text)) return fail(ErrorCode::invalid, "message is not valid UTF-8.");
  const std::size_t max = status ? kStatusCodePointsMax : kTextCodePointsMax;
  // A code point takes at most four bytes: short texts need no count.
  if (text.size() > max) {
    const std::size_t length = count_code_points(text);
    if (length > max) {
      return fail(ErrorCode::invalid,
                  fmt::format("message has {} characters, {} is the most for {}.", length, max,
                              status ? "a status" : "a message"),
                  status ? "Send it as kind \"message\"." : "Split it into several messages.");
    }
  }
  if (has_forbidden_control(text)) {
    return fail(ErrorCode::invalid,
                "message contains a control character; only tab and line breaks are allowed.");
  }
  return {};
}

Result<void> check_replies(SendCommand& command) {
  auto& replies = command.suggested_replies;
  if (replies.empty()) return {};
  for (std::string& reply : replies) reply = std::string(trim(reply));
  std::erase_if(replies, [](const std::string& reply) { return reply.empty(); });
  if (replies.size() > kSuggestedRepliesMax) {
    return fail(ErrorCode::invalid, fmt::format("suggested_replies has {} entries, {} is the most.",
                                                replies.size(), kSuggestedRepliesMax));
  }
  for (const std::string& reply : replies) {
    if (count_code_points(reply) > kSuggestedReplyCodePointsMax) {
      return fail(ErrorCode::invalid,
                  fmt::format("Each of suggested_replies has at most {} characters.",
                              kSuggestedReplyCodePointsMax));
    }
    if (has_control_or_line_break(reply)) {
      return fail(ErrorCode::invalid,
                  "suggested_replies must hold no line breaks or control characters.");
    }
  }
  if (command.kind == Kind::status) replies.clear();
  return {};
}

Result<void> check_attachments(SendCommand& command) {
  auto& attachments = command.attachments;
  if (attachments.empty()) return {};
  if (command.kind == Kind::status) {
    return fail(ErrorCode::invalid, "A status carries no attachments.",
                "Send it as kind \"message\".");
  }
  if (attachments.size() > kAttachmentsMax) {
    return fail(ErrorCode::invalid, fmt::format("attachments has {} entries, {} is the most.",
                                                attachments.size(), kAttachmentsMax));
  }
  std::size_t total = 0;
  for (Attachment& a : attachments) {
    std::erase_if(a.data_base64,
                  [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
    total += a.data_base64.size();
  }
  if (total > kAttachmentBytesMax) {
    return fail(ErrorCode::too_large,
                fmt::format("attachments hold {} bytes of base64, {} is the most for all together.",
                            total, kAttachmentBytesMax));
  }
  for (Attachment& a : attachments) {
    if (std::ranges::find(kAttachmentTypes, a.mime) == kAttachmentTypes.end()) {
      return fail(ErrorCode::invalid,
                  "attachments[].mime must be image/jpeg, image/png, image/webp, image/gif or "
                  "application/pdf.");
    }
    if (a.data_base64.empty() || !decoded_base64_size(a.data_base64)) {
      return fail(ErrorCode::invalid, "attachments[].data_base64 is not valid base64.");
    }
    a.filename = std::string(cut_to_code_points(trim(a.filename), kFilenameCodePointsMax));
    if (has_control_or_line_break(a.filename)) {
      return fail(ErrorCode::invalid,
                  "attachments[].filename must hold no line breaks or control characters.");
    }
  }
  return {};
}

}  // namespace

Result<void> check_content(SendCommand& command) {
  if (auto ok = check_text(command); !ok) return ok;
  if (auto ok = check_replies(command); !ok) return ok;
  return check_attachments(command);
}

Result<void> check_intro(std::string_view intro) {
  if (count_code_points(intro) > kIntroCodePointsMax) {
    return fail(ErrorCode::invalid,
                fmt::format("intro has at most {} characters.", kIntroCodePointsMax));
  }
  if (has_control_or_line_break(intro)) {
    return fail(ErrorCode::invalid, "intro must hold no line breaks or control characters.");
  }
  return {};
}

Result<void> check_client_id(std::string_view client_id) {
  if (count_code_points(client_id) > kClientIdCodePointsMax) {
    return fail(ErrorCode::invalid,
                fmt::format("client_id has at most {} characters.", kClientIdCodePointsMax));
  }
  if (has_control_or_line_break(client_id)) {
    return fail(ErrorCode::invalid, "client_id must hold no line breaks or control characters.");
  }
  return {};
}

}  // namespace rogerthat::core
