#include "client/link.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/version.h"
#include "client/json_fields.h"
#include "client/tool_result.h"
#include "mcp/protocol.h"
#include "net/sse_parser.h"

namespace rogerthat::client {

namespace {

constexpr Millis kFirstRetry = 100;
constexpr Millis kLongestRetry = 3 * kSecond;
constexpr Millis kHeadTime = 20 * kSecond;    // what waits begins its answer at once, too
constexpr Millis kSilenceMax = 60 * kSecond;  // the hub shows life every 20 s
constexpr std::size_t kAnswerMax = 16 << 20;

std::string with_meta(std::string_view params) {
  std::string out(params.substr(0, params.rfind('}')));
  if (out.size() > 1) out += ',';
  out += fmt::format(
      R"("_meta":{{"{}":"{}","{}":{{"name":"rogerthat mcp","version":"{}"}},"{}":{{}}}}}})",
      mcp::meta::kProtocolVersion, mcp::kModernRevision, mcp::meta::kClientInfo, version(),
      mcp::meta::kClientCapabilities);
  return out;
}

// What does not fit into a header goes there as the protocol says.
std::string header_value(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; }) &&
                     !text.starts_with("=?");
  return plain ? std::string(text) : fmt::format("=?base64?{}?=", base64(text));
}

bool is_event_stream(const net::ResponseHead& head) {
  return head.header("content-type").value_or("").starts_with("text/event-stream");
}

Millis retry_after(const net::ResponseHead& head) {
  const std::string_view text = head.header("retry-after").value_or("");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp(seconds, 0, 30) * kSecond;
}

// A certificate that is not believed: which of its faults is the user's to mend, and how.
std::string_view tls_remedy(std::string_view fault) {
  const auto says = [fault](std::string_view part) { return fault.find(part) != fault.npos; };
  if (says("mismatch") || says("subject name")) {
    return " It is made out to another name: give the hub's address (--origin) as its certificate "
           "does.";
  }
  if (says("self-signed") || says("self signed") || says("issuer")) {
    return " If this is your hub, name the certificate of its authority with --ca-file.";
  }
  if (says("expired")) return " The hub's operator must renew it.";
  return "";
}

// A tool says so while the hub starts, goes down or waits for its disk.
bool is_unavailable(const JsonValue& result) {
  return is_error(result) &&
         string_field(result.find("structuredContent"), "code") == "unavailable";
}

// What the hub said of a refusal, as far as it is a sentence.
std::string said(std::string_view body) {
  const auto parsed = JsonDocument::parse(body);
  if (!parsed) return {};
  auto error = parsed->find("error");
  if (error && error->is(JsonValue::Type::object)) error = error->find("message");
  if (!error || !error->is(JsonValue::Type::string)) return {};
  return std::string(cut_to_code_points(error->string(), 500));
}

}  // namespace

Retry retry_of(std::string_view code) {
  if (code == "unavailable" || code == "internal") return Retry::soon;
  // Somebody may leave, and a minute passes.
  if (code == "callsign_taken" || code == "rate_limited") return Retry::later;
  return Retry::never;
}

struct HubLink::Asking {
  HubRequest request;
  Done done;
  Backoff backoff;
  Millis away_since = 0;  // steady; 0: not that we know
  net::HttpClient::Id transfer = 0;
  net::Timers::Id timer{};
};

// Reads one answer: a JSON document, or a stream of which the last event is the answer.
class HubLink::Reader final : public net::ResponseSink {
 public:
  Reader(HubLink& link, Id id) : link_(link), id_(id) {}

  void on_head(const net::ResponseHead& head) override {
    head_ = head;
    streams_ = head.status == 200 && is_event_stream(head);
    link_.was_there_ = true;
    if (head.status == 200) link_.reached(id_);
  }
  void on_data(std::string_view piece) override {
    if (!streams_) {
      body_.append(piece);
      if (body_.size() > kAnswerMax) too_large();
      return;
    }
    const bool readable = events_.feed(piece, [this](const net::SseEvent& event) {
      if (body_.empty() && is_answer(event.data)) body_ = event.data;
    });
    if (!readable) too_large();
  }
  void on_end() override {
    if (head_.status == 503) {
      std::string text = said(body_);
      if (text.empty()) text = "The hub is not ready.";
      return link_.try_later(id_, text, retry_after(head_));
    }
    // A proxy answers for a hub that is away.
    if ((head_.status == 502 || head_.status == 504) && link_.may_repeat(id_)) {
      return link_.try_later(
          id_, fmt::format("The hub is away (status {} of its proxy).", head_.status), 0);
    }
    if (streams_ && body_.empty()) {
      return link_.failed(id_, {net::ClientFailure::broken, "the answer did not come", false});
    }
    settle(body_);
  }
  void on_failure(const net::ClientError& error) override {
    if (streams_ && !body_.empty()) return settle(body_);
    link_.failed(id_, error);
  }

 private:
  static bool is_answer(std::string_view message) {
    const auto parsed = JsonDocument::parse(message);
    return parsed && (parsed->find("result") || parsed->find("error"));
  }
  void too_large() {
    link_.settle(id_,
                 {HubAnswer::Kind::no_answer, {}, "The hub's answer is too large.", Retry::never});
  }
  void settle(std::string_view message) {
    HubAnswer answer;
    const auto parsed = JsonDocument::parse(message);
    const auto result = parsed ? parsed->find("result") : std::nullopt;
    const auto error = parsed ? parsed->find("error") : std::nullopt;
    if (result && is_unavailable(*result) && link_.may_repeat(id_)) {
      return link_.try_later(id_, first_text(*result), kSecond);
    }
    if (result && result->is(JsonValue::Type::object)) {
      answer.kind = HubAnswer::Kind::result;
      append_json(answer.json, *result);
    } else if (error && error->is(JsonValue::Type::object)) {
      answer.kind = HubAnswer::Kind::refused;
      answer.retry = Retry::never;
      append_json(answer.json, *error);
    } else {
      if (head_.status == 429) answer.retry = Retry::later;
      if (head_.status < 500 && head_.status != 429) answer.retry = Retry::never;
      const std::string words = said(message);
      if (words.empty()) {
        answer.text = fmt::format(
            "{} answers with status {}, which is no answer of a RogerThat hub: check the address.",
            link_.origin(), head_.status);
      } else {
        answer.text = fmt::format("The hub refuses this (status {}): {}", head_.status, words);
      }
      if (head_.status == 401) {
        answer.text += " The bridge takes a hub's token from ROGERTHAT_HUB_TOKEN.";
      }
    }
    link_.settle(id_, std::move(answer));
  }

  HubLink& link_;
  Id id_;
  net::ResponseHead head_;
  net::SseParser events_{kAnswerMax};
  std::string body_;  // of a stream: the event that is the answer
  bool streams_ = false;
};

HubLink::HubLink(net::Timers& timers, net::HttpClient& http, Random& random, const HubAccess& hub)
    : timers_(timers), http_(http), random_(random), hub_(hub) {}

net::ClientRequest HubLink::plain_request(std::string_view path, std::string_view bearer) const {
  net::ClientRequest request;
  request.url = hub_.origin;
  request.url += path;
  request.headers.emplace_back("User-Agent", fmt::format("rogerthat-mcp/{}", version()));
  if (!bearer.empty())
    request.headers.emplace_back("Authorization", fmt::format("Bearer {}", bearer));
  if (!hub_.hub_token.empty()) {
    request.headers.emplace_back("X-Hub-Token", hub_.hub_token);
  }
  request.connect_max = 5 * kSecond;
  request.first_byte_max = kHeadTime;
  request.idle_max = kSilenceMax;
  return request;
}

HubLink::~HubLink() = default;

HubLink::Id HubLink::ask(HubRequest request, Done done) {
  const Id id = ++last_id_;
  asking_[id] = std::make_unique<Asking>(std::move(request), std::move(done),
                                         Backoff(random_, kFirstRetry, kLongestRetry));
  attempt(id);
  return id;
}

void HubLink::cancel(Id id) {
  const auto found = asking_.find(id);
  if (found == asking_.end()) return;
  http_.cancel(found->second->transfer);
  timers_.cancel(found->second->timer);
  asking_.erase(found);
}

void HubLink::attempt(Id id) {
  Asking& asking = *asking_.at(id);
  const HubRequest& wanted = asking.request;
  net::ClientRequest request = plain_request("/mcp", wanted.bearer);
  request.method = "POST";
  request.repeatable = wanted.repeatable;
  request.closes = wanted.receives;
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Accept", "application/json, text/event-stream");
  request.headers.emplace_back("MCP-Protocol-Version", mcp::kModernRevision);
  request.headers.emplace_back("Mcp-Method", wanted.method);
  request.headers.emplace_back("Mcp-Name", header_value(wanted.name));
  request.body = fmt::format(R"({{"jsonrpc":"2.0","id":{},"method":"{}","params":{}}})", id,
                             wanted.method, with_meta(wanted.params()));
  asking.transfer = http_.stream(std::move(request), std::make_unique<Reader>(*this, id));
}

void HubLink::settle(Id id, HubAnswer answer) {
  const auto found = asking_.find(id);
  if (found == asking_.end()) return;
  Done done = std::move(found->second->done);
  cancel(id);
  done(std::move(answer));
}

// Nothing listens at that address, and nothing has since we began: no hub that restarts.
bool HubLink::never_there(const net::ClientError& error) const {
  using enum net::ClientFailure;
  return !was_there_ && error.unsent &&
         (error.kind == unresolved || error.kind == unreachable || error.kind == timeout);
}

std::string HubLink::absence(const net::ClientError& error) const {
  if (error.kind == net::ClientFailure::unresolved) {
    return fmt::format(
        "There is no hub at {} ({}). Correct the address (--origin), or look at the network.",
        origin(), error.text);
  }
  return fmt::format(
      "There is no hub at {} ({}). Start it there with rogerthat serve, or correct the address "
      "(--origin).",
      origin(), error.text);
}

void HubLink::failed(Id id, const net::ClientError& error) {
  const auto found = asking_.find(id);
  if (found == asking_.end()) return;
  using enum net::ClientFailure;
  const auto give_up = [&](std::string text, Retry retry) {
    settle(id, {HubAnswer::Kind::no_answer, {}, std::move(text), retry});
  };
  if (never_there(error)) return give_up(absence(error), Retry::later);
  const bool hopeless = error.kind == bad_request || error.kind == tls || error.kind == malformed ||
                        error.kind == too_large;
  if (hopeless) {
    return give_up(fmt::format("The hub at {} cannot be used: {}.{}", origin(), error.text,
                               error.kind == tls ? tls_remedy(error.text) : ""),
                   Retry::never);
  }
  if (error.unsent || found->second->request.repeatable) {
    return try_later(
        id, fmt::format("The hub at {} does not answer any more ({}).", origin(), error.text), 0);
  }
  give_up(fmt::format("The connection to the hub at {} broke ({}); it is not known whether this "
                      "was done.",
                      origin(), error.text),
          Retry::soon);
}

void HubLink::reached(Id id) {
  const auto found = asking_.find(id);
  if (found == asking_.end()) return;
  found->second->away_since = 0;
  found->second->backoff.reset();
}

bool HubLink::may_repeat(Id id) const {
  const auto found = asking_.find(id);
  return found != asking_.end() && found->second->request.repeatable;
}

void HubLink::try_later(Id id, const std::string& why, Millis wait) {
  const auto found = asking_.find(id);
  if (found == asking_.end()) return;
  Asking& asking = *found->second;
  const Millis later = std::max(wait, asking.backoff.next());
  const Millis now = read_clocks().steady;
  if (asking.away_since == 0) asking.away_since = now;
  if (now + later > asking.away_since + kPatience) {
    return settle(id, {HubAnswer::Kind::no_answer,
                       {},
                       why + " Nothing is lost: call again in a minute, or tell your person.",
                       Retry::soon});
  }
  asking.timer = timers_.after(later, [this, id] { attempt(id); });
}

}  // namespace rogerthat::client
