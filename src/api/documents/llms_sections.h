// The prose of llms.txt and llms-full.txt, with {{names}} for every number (api/texts/facts.h).
// Which parts are printed, and the parts made from tables, is the business of llms_txt.cpp.
#pragma once

#include <string_view>

namespace rogerthat::api::llms {

extern const std::string_view kIntroduction;
extern const std::string_view kBeforeJoin;
extern const std::string_view kAfterJoin;
extern const std::string_view kJoining;
extern const std::string_view kAfterCreate;
extern const std::string_view kMcp;
extern const std::string_view kMcpMore;
extern const std::string_view kReachable;
extern const std::string_view kWebhooks;
extern const std::string_view kAddressing;
extern const std::string_view kDelivery;
extern const std::string_view kSessions;
extern const std::string_view kTrust;
extern const std::string_view kAccounts;
extern const std::string_view kRemoteControl;
extern const std::string_view kPitfalls;
extern const std::string_view kLimits;
extern const std::string_view kSelfHosting;

}  // namespace rogerthat::api::llms
