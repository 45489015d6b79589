#include "api/http/field_names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/edit_distance.h"

namespace rogerthat::api {

namespace {

struct Synonym {
  std::string_view word;  // lower case, without _ and -
  std::string_view field;
};

// What people and models write in place of our names. A word may stand for several fields: the
// first one that the route knows is meant. What clients send along for themselves (id, type, from)
// stands for nothing.
constexpr std::array kSynonyms = std::to_array<Synonym>({
    {"about", "intro"},
    {"address", "email"},
    {"addressee", "to"},
    {"after", "since"},
    {"afterid", "since"},
    {"agent", "callsign"},
    {"agentname", "callsign"},
    {"answers", "suggested_replies"},
    {"bio", "intro"},
    {"body", "message"},
    {"body", "text"},
    {"buffersize", "ring_size"},
    {"callback", "url"},
    {"callbackurl", "url"},
    {"callsign", "sender"},
    {"channel", "channel_id"},
    {"channelid", "channel"},
    {"channeltoken", "token"},
    {"content", "message"},
    {"content", "text"},
    {"contents", "message"},
    {"contents", "text"},
    {"count", "n"},
    {"count", "limit"},
    {"description", "intro"},
    {"dest", "to"},
    {"destination", "to"},
    {"endpoint", "url"},
    {"eventtypes", "events"},
    {"files", "attachments"},
    {"filter", "events"},
    {"fromid", "since"},
    {"handle", "callsign"},
    {"handle", "sender"},
    {"idempotencykey", "client_id"},
    {"images", "attachments"},
    {"importance", "priority"},
    {"inreplyto", "reply_to"},
    {"introduction", "intro"},
    {"ip", "address"},
    {"jointoken", "token"},
    {"key", "identity_key"},
    {"lasteventid", "since"},
    {"lastid", "since"},
    {"lastmessageid", "since"},
    {"limit", "n"},
    {"mail", "email"},
    {"max", "limit"},
    {"max", "n"},
    {"message", "text"},
    {"messageid", "id"},
    {"mode", "preset"},
    {"msg", "message"},
    {"msg", "text"},
    {"n", "limit"},
    {"name", "callsign"},
    {"name", "filename"},
    {"nick", "callsign"},
    {"nickname", "callsign"},
    {"otp", "code"},
    {"parentid", "reply_to"},
    {"passphrase", "owner_password"},
    {"password", "owner_password"},
    {"pin", "code"},
    {"prio", "priority"},
    {"receiver", "to"},
    {"recipient", "to"},
    {"recipients", "to"},
    {"replies", "suggested_replies"},
    {"replyid", "reply_to"},
    {"replytoid", "reply_to"},
    {"room", "channel"},
    {"room", "channel_id"},
    {"seconds", "timeout"},
    {"seconds", "timeout_seconds"},
    {"sendto", "to"},
    {"sessionid", "session"},
    {"sessionttl", "session_ttl_seconds"},
    {"sinceid", "since"},
    {"suggestions", "suggested_replies"},
    {"target", "to"},
    {"targeturl", "url"},
    {"timeout", "timeout_seconds"},
    {"timeoutms", "timeout"},
    {"timeoutms", "timeout_seconds"},
    {"timeoutsec", "timeout"},
    {"timeoutsec", "timeout_seconds"},
    {"timeoutseconds", "timeout"},
    {"toagent", "to"},
    {"tocallsign", "to"},
    {"too", "to"},
    {"ttl", "session_ttl_seconds"},
    {"ttlseconds", "session_ttl_seconds"},
    {"txt", "message"},
    {"txt", "text"},
    {"upto", "id"},
    {"urgency", "priority"},
    {"uri", "url"},
    {"user", "callsign"},
    {"username", "callsign"},
    {"waitfor", "await"},
    {"waitseconds", "timeout"},
    {"waitseconds", "timeout_seconds"},
    {"webhook", "url"},
    {"webhookurl", "url"},
});
static_assert(std::ranges::is_sorted(kSynonyms, {}, &Synonym::word));

constexpr std::size_t kLongestName = 32;  // no name of ours is longer

// "ownerPassword" and "Owner-Password" are owner_password, written otherwise.
class Word {
 public:
  explicit Word(std::string_view name) {
    if (name.size() > kLongestName) return;
    for (char c : name) {
      if (c == '_' || c == '-' || c == ' ') continue;
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      letters_[size_++] = c;
      if (c >= 'a' && c <= 'z') occurring_ |= 1U << (c - 'a');
    }
  }
  std::string_view text() const { return {letters_.data(), size_}; }
  std::uint32_t occurring() const { return occurring_; }  // which letters, a bit each

 private:
  std::array<char, kLongestName> letters_;
  std::size_t size_ = 0;
  std::uint32_t occurring_ = 0;
};

// Short words are near to everything: they count only where a letter is doubled or lost.
std::size_t slips_allowed(std::size_t given, std::size_t known) {
  if (given <= 3 || known <= 2) return 0;
  return std::min(given, known) <= 4 ? 1 : 2;
}

bool is_slip(const Word& given, const Word& known) {
  const std::size_t a = given.text().size();
  const std::size_t b = known.text().size();
  const std::size_t allowed = slips_allowed(a, b);
  if (allowed == 0 || std::max(a, b) - std::min(a, b) > allowed) return false;
  // A slip changes at most two letters that occur: most names are told apart by that alone.
  const std::uint32_t differing = given.occurring() ^ known.occurring();
  if (static_cast<std::size_t>(std::popcount(differing)) > 2 * allowed) return false;
  return edit_distance(given.text(), known.text()) <= allowed;
}

}  // namespace

std::string_view meant_name(std::string_view given, std::span<const std::string_view> known) {
  const Word word(given);
  if (word.text().empty()) return {};
  for (const std::string_view name : known) {
    if (Word(name).text() == word.text()) return name;
  }
  const auto synonyms = std::ranges::equal_range(kSynonyms, word.text(), {}, &Synonym::word);
  for (const Synonym& synonym : synonyms) {
    if (std::ranges::find(known, synonym.field) != known.end()) return synonym.field;
  }
  for (const std::string_view name : known) {
    if (is_slip(word, Word(name))) return name;
  }
  return {};
}

}  // namespace rogerthat::api
