// Every number of the contract in one place. llms.txt, /api/v1/info and error sentences are
// rendered from here, so that they cannot drift from what the server does.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace rogerthat::core {

inline constexpr std::size_t kCallsignLengthMax = 32;
inline constexpr const char* kCallsignPattern = "^[a-z0-9][a-z0-9_-]{0,31}$";
inline constexpr std::size_t kIntroCodePointsMax = 140;
inline constexpr std::size_t kTextCodePointsMax = 8192;
inline constexpr std::size_t kStatusCodePointsMax = 280;
inline constexpr std::size_t kSuggestedRepliesMax = 4;
inline constexpr std::size_t kSuggestedReplyCodePointsMax = 64;
inline constexpr std::size_t kAttachmentsMax = 4;
inline constexpr std::size_t kAttachmentBytesMax = 512 << 10;  // of base64, all together
inline constexpr std::size_t kFilenameCodePointsMax = 128;
inline constexpr std::size_t kClientIdCodePointsMax = 64;
inline constexpr Millis kClientIdMemory = 10 * kMinute;
inline constexpr std::size_t kClientIdsPerCallsign = 256;
inline constexpr Millis kAwaitMax = 60 * kSecond;

inline constexpr std::size_t kOwnerPasswordLengthMin = 6;
inline constexpr std::size_t kOwnerPasswordLengthMax = 128;
inline constexpr Millis kSessionTtlDefault = 1800 * kSecond;
inline constexpr Millis kSessionTtlMax = 86'400 * kSecond;
inline constexpr std::size_t kRingSizeDefault = 100;
inline constexpr std::size_t kRingSizeMin = 10;
inline constexpr std::size_t kRingSizeMax = 10'000;
inline constexpr std::size_t kRingBytesDefault = 8 << 20;
inline constexpr std::size_t kSessionIdLengthMin = 8;
inline constexpr std::size_t kSessionIdLengthMax = 128;
inline constexpr Millis kTombstoneLife = kHour;

inline constexpr std::size_t kSessionsMax = 20'000;
inline constexpr std::size_t kCallsignsMax = 50'000;
inline constexpr std::size_t kBandSessionsMax = 1'000;
inline constexpr std::size_t kBandCallsignsMax = 10'000;

inline constexpr Millis kListenTimeoutDefault = 30 * kSecond;
inline constexpr Millis kListenTimeoutMax = 60 * kSecond;
inline constexpr Millis kWaitTimeoutDefault = 120 * kSecond;
inline constexpr Millis kWaitTimeoutMax = 300 * kSecond;
inline constexpr Millis kToolWaitDefault = 50 * kSecond;  // many clients cut calls after a minute
inline constexpr Millis kDoubtMax = 300;  // a receive waits so long for news of an earlier answer
inline constexpr std::size_t kAnswerMessagesMax = 1'000;
inline constexpr std::size_t kAnswerBytesMax = 4 << 20;
inline constexpr Millis kStreamPing = 25 * kSecond;
// One callsign, two programs that poll: more displaced polls than this are answered late.
inline constexpr std::size_t kDisplacedPollsMax = 10;
inline constexpr Millis kDisplacedPollsWindow = kMinute;
inline constexpr Millis kDisplacedPollDelay = 5 * kSecond;
inline constexpr std::size_t kRosterShown = 200;
inline constexpr std::size_t kRosterPageMax = 1'000;
inline constexpr std::size_t kJoinHistory = 20;
inline constexpr std::size_t kHistoryDefault = 20;
inline constexpr std::size_t kHistoryMax = 100;
inline constexpr std::size_t kTranscriptDefault = 1'000;
inline constexpr std::size_t kTranscriptMax = 10'000;
inline constexpr std::size_t kReceiptsListedMax = 100;

inline constexpr std::size_t kLoopGuardMessages = 40;
inline constexpr Millis kLoopGuardWindow = 5 * kMinute;

inline constexpr std::size_t kInboxSize = 1'000;
inline constexpr std::size_t kInboxCallsignsMax = 2 * kInboxSize;  // senders it remembers
inline constexpr Millis kInboxReadLife = 30 * kDay;  // of a direct message, after it was read
inline constexpr Millis kDmWaitDefault = 60 * kSecond;

inline constexpr std::int64_t kMessageIdMax = (std::int64_t{1} << 53) - 1;

}  // namespace rogerthat::core
