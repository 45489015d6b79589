#include "api/texts/facts.h"

#include <algorithm>

#include "core/account.h"
#include "core/bans.h"
#include "core/limits.h"
#include "core/webhook.h"

namespace rogerthat::api {

namespace {

template <class Number>
std::string number(Number n) {
  return std::to_string(n);
}
std::string seconds(Millis duration) {
  return number(duration / kSecond);
}
std::string minutes(Millis duration) {
  return number(duration / kMinute);
}

std::string rate(const View& view, hub::Limited what) {
  const std::uint32_t limit = view.site.limits.of(what);
  return limit == 0 ? "no limit" : number(limit) + " a minute";
}

// "1 s, 3 s, 1 min, ..., 12 h"
std::string delivery_retries() {
  std::string all;
  for (unsigned failed = 1; const auto wait = core::retry_after(failed); ++failed) {
    if (!all.empty()) all += ", ";
    if (*wait < kMinute) {
      all += seconds(*wait) + " s";
    } else if (*wait < kHour) {
      all += minutes(*wait) + " min";
    } else {
      all += number(*wait / kHour) + " h";
    }
  }
  return all;
}

Facts make_limit_facts() {
  Facts facts;
  facts.set("callsign_max", number(core::kCallsignLengthMax));
  facts.set("callsign_pattern", core::kCallsignPattern);
  facts.set("intro_max", number(core::kIntroCodePointsMax));
  facts.set("reason_max", number(core::kReasonCodePointsMax));
  facts.set("text_max", number(core::kTextCodePointsMax));
  facts.set("status_max", number(core::kStatusCodePointsMax));
  facts.set("replies_max", number(core::kSuggestedRepliesMax));
  facts.set("reply_max", number(core::kSuggestedReplyCodePointsMax));
  facts.set("attachments_max", number(core::kAttachmentsMax));
  facts.set("attachment_kib", number(core::kAttachmentBytesMax >> 10));
  facts.set("filename_max", number(core::kFilenameCodePointsMax));
  facts.set("client_id_max", number(core::kClientIdCodePointsMax));
  facts.set("client_id_minutes", minutes(core::kClientIdMemory));
  facts.set("client_ids", number(core::kClientIdsPerCallsign));
  facts.set("await_max", seconds(core::kAwaitMax));
  facts.set("owner_min", number(core::kOwnerPasswordLengthMin));
  facts.set("owner_max", number(core::kOwnerPasswordLengthMax));
  facts.set("ttl_default", seconds(core::kSessionTtlDefault));
  facts.set("ttl_default_minutes", minutes(core::kSessionTtlDefault));
  facts.set("ttl_max", seconds(core::kSessionTtlMax));
  facts.set("ring_default", number(core::kRingSizeDefault));
  facts.set("ring_min", number(core::kRingSizeMin));
  facts.set("ring_max", number(core::kRingSizeMax));
  facts.set("ring_mib", number(core::kRingBytesDefault >> 20));
  facts.set("tombstone_minutes", minutes(core::kTombstoneLife));
  facts.set("listen_default", seconds(core::kListenTimeoutDefault));
  facts.set("listen_max", seconds(core::kListenTimeoutMax));
  facts.set("wait_default", seconds(core::kWaitTimeoutDefault));
  facts.set("wait_max", seconds(core::kWaitTimeoutMax));
  facts.set("tool_wait_default", seconds(core::kToolWaitDefault));
  facts.set("agent_waits_an_hour", number(kHour / core::kToolWaitDefault));
  facts.set("answer_messages", number(core::kAnswerMessagesMax));
  facts.set("answer_mib", number(core::kAnswerBytesMax >> 20));
  facts.set("ping", seconds(core::kStreamPing));
  facts.set("roster_shown", number(core::kRosterShown));
  facts.set("roster_page_max", number(core::kRosterPageMax));
  facts.set("join_history", number(core::kJoinHistory));
  facts.set("history_default", number(core::kHistoryDefault));
  facts.set("history_max", number(core::kHistoryMax));
  facts.set("transcript_default", number(core::kTranscriptDefault));
  facts.set("transcript_max", number(core::kTranscriptMax));
  facts.set("receipts_max", number(core::kReceiptsListedMax));
  facts.set("sessions_max", number(core::kSessionsMax));
  facts.set("callsigns_max", number(core::kCallsignsMax));
  facts.set("band_sessions_max", number(core::kBandSessionsMax));
  facts.set("band_callsigns_max", number(core::kBandCallsignsMax));
  facts.set("inbox_size", number(core::kInboxSize));
  facts.set("dm_wait_default", seconds(core::kDmWaitDefault));
  facts.set("code_minutes", minutes(core::kEmailCodeLife));
  facts.set("delivery_seconds", seconds(core::kDeliveryTimeMax));
  facts.set("delivery_retries", delivery_retries());
  facts.set("deliveries_shown", number(core::kDeliveriesShown));
  facts.set("loop_messages", number(core::kLoopGuardMessages));
  facts.set("loop_minutes", minutes(core::kLoopGuardWindow));
  return facts;
}

}  // namespace

void Facts::set(std::string_view name, std::string value) {
  facts_.push_back(Fact{name, std::move(value)});
}

const std::string* Facts::find(std::string_view name) const {
  const auto fact = std::ranges::find(facts_, name, &Fact::name);
  return fact == facts_.end() ? nullptr : &fact->value;
}

const Facts& limit_facts() {
  static const Facts facts = make_limit_facts();
  return facts;
}

Facts view_facts(const View& view) {
  Facts facts = limit_facts();
  facts.set("origin", view.origin);
  facts.set("version", view.site.version);
  facts.set("rate_send", rate(view, hub::Limited::send));
  facts.set("rate_send_band", rate(view, hub::Limited::send_band));
  facts.set("rate_create", rate(view, hub::Limited::channel_creation));
  facts.set("rate_join", rate(view, hub::Limited::join));
  facts.set("rate_join_band", rate(view, hub::Limited::join_band));
  facts.set("rate_account", rate(view, hub::Limited::account));
  facts.set("rate_identity", rate(view, hub::Limited::identity));
  facts.set("rate_remote", rate(view, hub::Limited::remote_control));
  facts.set("rate_webhook", rate(view, hub::Limited::webhook));
  facts.set("rate_wrong", rate(view, hub::Limited::wrong_secret));
  return facts;
}

std::string fill(std::string_view text, const Facts& facts) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  while (true) {
    const std::size_t open = text.find("{{");
    const std::size_t close = open == text.npos ? text.npos : text.find("}}", open);
    if (close == text.npos) break;
    out += text.substr(0, open);
    const std::string* value = facts.find(text.substr(open + 2, close - open - 2));
    out += value != nullptr ? std::string_view(*value) : text.substr(open, close + 2 - open);
    text.remove_prefix(close + 2);
  }
  out += text;
  return out;
}

}  // namespace rogerthat::api
