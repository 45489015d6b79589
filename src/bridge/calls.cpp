// What the bridge does with a call of its client: a tool passed on to the hub, or a resource.
#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/tools/resources.h"
#include "api/tools/table.h"
#include "api/tools/text.h"
#include "base/encoding.h"
#include "bridge/application.h"
#include "bridge/info.h"
#include "bridge/push.h"
#include "bridge/result.h"
#include "client/json_fields.h"
#include "client/tool_result.h"
#include "core/limits.h"

namespace rogerthat::bridge {

namespace {

using client::first_text;
using client::integer_field;
using client::is_error;
using client::json_text;
using client::string_field;
using client::with_fields;

constexpr std::size_t kChannelsMax = 32;
constexpr std::size_t kTokensMax = 256;
constexpr std::size_t kClientIdBytes = 12;
constexpr Millis kRejoinPatience = 10 * kSecond;

// It makes something new, and is for no channel.
bool makes(std::string_view tool) {
  const api::ToolRow* const row = api::find_tool(tool);
  return row != nullptr && row->makes;
}

// Done twice, it is as if done once. A send is, because it carries a client_id.
bool is_repeatable(std::string_view tool) {
  return tool != "join" && !makes(tool);
}

// The token of the channel that a tool has made; empty: it has made none.
std::string_view new_token(std::string_view tool, const std::optional<JsonValue>& facts) {
  if (tool == "create_channel") return string_field(facts, "join_token");
  if (tool == "open_remote_control") return string_field(facts, "channel_token");
  return {};
}

bool receives(std::string_view tool) {
  return tool == "listen" || tool == "wait";
}

bool waits(std::string_view tool) {
  return receives(tool) || tool == "ask";
}

bool sends(std::string_view tool) {
  return tool == "send" || tool == "ask";
}

}  // namespace

// One tools/call, on its way.
struct Application::Run {
  std::string tool;
  std::string arguments = "{}";
  std::string channel;  // the id; empty: none
  std::string session;  // as the caller named it
  std::string used_session;
  std::string client_id;
  Millis begun = read_clocks().steady;
  mcp::Reply reply;
  client::HubLink::Id asking = 0;
  bool rejoined = false;
  bool over = false;
  std::int64_t brought = 0;            // everything up to this id
  std::int64_t brought_single = 0;     // this message
  std::vector<std::int64_t> statuses;  // those that the answer shows
};

namespace {

// What is left of the time that a call asked for, when it is sent again; empty: as it is.
template <class Run>
std::string patience_left(const Run& run, const std::optional<JsonValue>& arguments) {
  const Millis waited = read_clocks().steady - run.begun;
  if (!waits(run.tool) || waited < kSecond) return {};
  const auto given = arguments ? arguments->find("timeout_seconds") : std::nullopt;
  double seconds = static_cast<double>(run.tool == "listen" ? core::kListenTimeoutDefault
                                                            : core::kToolWaitDefault) /
                   kSecond;
  if (given && (given->is(JsonValue::Type::integer) || given->is(JsonValue::Type::number))) {
    seconds = given->number();
  }
  const double left = seconds - static_cast<double>(waited) / kSecond;
  return fmt::format("{:.1f}", std::max(left, run.tool == "ask" ? 0.1 : 0.0));
}

}  // namespace

// Hears what becomes of the call.
class Application::Running final : public mcp::ReplyFate {
 public:
  Running(Application& application, RunRef run) : application_(application), run_(std::move(run)) {}

  void cancelled() override {
    run_->over = true;
    application_.link_.cancel(run_->asking);
    run_->reply = mcp::Reply();
  }
  // It is written to the client: from now on it may be confirmed.
  void handed_over(bool) override {
    JoinedChannel* const joined = application_.joined(run_->channel);
    if (joined == nullptr || joined->channel().session() != run_->used_session) return;
    joined->statuses().shown(run_->statuses);
    if (run_->brought > 0) joined->channel().tell(run_->brought);
    if (run_->brought_single > 0) joined->channel().tell_single(run_->brought_single);
  }

 private:
  Application& application_;
  RunRef run_;
};

void Application::call_tool(const mcp::Request& request, mcp::Reply reply) {
  const auto run = std::make_shared<Run>();
  run->tool = request.name;
  if (request.arguments) {
    run->arguments.clear();
    append_json(run->arguments, *request.arguments);
    run->channel = string_field(request.arguments, "channel_id");
    run->session = string_field(request.arguments, "session");
  }
  run->reply = std::move(reply);
  if (waits(run->tool)) run->reply.stream_now();
  run->reply.park(std::make_unique<Running>(*this, run));
  if (run->tool == "join") return join(run);
  if (run->tool == "channels") return list_channels(run);
  if (!makes(run->tool)) choose_channel(*run);
  if (receives(run->tool)) {
    std::erase_if(receiving_, [](const auto& one) { return one.expired(); });
    receiving_.push_back(run);
  }
  if (sends(run->tool)) run->client_id = link_.random().token(kClientIdBytes);
  pass_on(run);
}

void Application::choose_channel(Run& run) {
  if (!run.channel.empty()) return;
  const auto by_session = std::ranges::find(channels_, run.session,
                                            [](const auto& c) { return c->channel().session(); });
  if (!run.session.empty() && by_session != channels_.end()) {
    run.channel = (*by_session)->channel().id();
  } else if (run.session.empty() && current() != nullptr) {
    run.channel = current()->id();
  }
}

// With the handles of the channel, once there are some.
void Application::pass_on(const RunRef& run) {
  client::Channel* const channel = find(run->channel);
  if (channel != nullptr && run->session.empty() && !channel->is_joined()) {
    return channel->when_ready(kRejoinPatience, [this, run](bool ready) {
      if (run->over) return;
      if (ready) return pass_on(run);
      say_not_joined(run);
    });
  }
  run->used_session = run->session.empty() && channel ? channel->session() : run->session;
  client::HubRequest request;
  request.method = "tools/call";
  request.name = run->tool;
  request.params = [this, run] { return tool_params(*run); };
  request.bearer = channel != nullptr ? channel->token() : token_for(run->channel);
  request.repeatable = is_repeatable(run->tool);
  request.receives = waits(run->tool);
  run->asking = link_.ask(std::move(request),
                          [this, run](const client::HubAnswer& answer) { answered(run, answer); });
}

void Application::say_not_joined(const RunRef& run) {
  const client::Channel* const channel = find(run->channel);
  const std::string trouble = channel == nullptr ? std::string() : channel->trouble();
  if (channel != nullptr && channel->is_dismissed()) {
    return fail(run, trouble + " Stop, and join again only when your person says so.");
  }
  if (channel != nullptr && channel->is_given_up()) {
    return fail(run, fmt::format("You are not on {}: {} Call join when that is mended.",
                                 run->channel, trouble));
  }
  fail(run,
       fmt::format("{} is not joined at the moment; the bridge goes on trying. {}", run->channel,
                   trouble.empty() ? "Nothing is lost: call again in a minute." : trouble));
}

std::string Application::tool_params(const Run& run) const {
  const auto arguments = JsonDocument::parse(run.arguments);
  const auto given = arguments ? std::optional(*arguments) : std::nullopt;
  const client::Channel* const channel = find(run.channel);
  const bool ours = channel != nullptr && channel->session() == run.used_session;
  const std::int64_t ack = std::max(integer_field(given, "ack"), ours ? channel->told() : 0);
  const bool adds_client_id = sends(run.tool) && string_field(given, "client_id").empty();
  std::string patience = patience_left(run, given);
  // What waits here is told at once, with whatever waits at the hub.
  JoinedChannel* const here = joined(run.channel);
  if (ours && receives(run.tool) && !here->statuses().waiting().empty()) patience = "0";

  std::string passed = run.arguments;
  if (!makes(run.tool)) {
    passed = with_fields(
        given, {{"channel_id", run.channel.empty() ? "" : json_text(run.channel)},
                {"session", run.used_session.empty() ? "" : json_text(run.used_session)}});
    if (ack > 0) passed = with_fields(passed, {{"ack", std::to_string(ack)}});
    if (adds_client_id) passed = with_fields(passed, {{"client_id", json_text(run.client_id)}});
    if (!patience.empty()) passed = with_fields(passed, {{"timeout_seconds", patience}});
  }
  return with_fields("{}", {{"name", json_text(run.tool)}, {"arguments", passed}});
}

void Application::join(const RunRef& run) {
  const auto arguments = JsonDocument::parse(run->arguments);
  const auto given = arguments ? std::optional(*arguments) : std::nullopt;
  if (run->channel.empty()) run->channel = settings_.channel;
  if (run->channel.empty()) {
    return fail(run, "channel_id is missing: it stands in the invitation, beside the token.");
  }
  client::Channel* const known = find(run->channel);
  if (known == nullptr && channels_.size() >= kChannelsMax) {
    return fail(run, fmt::format("You are on {} channels: leave one first.", kChannelsMax));
  }
  std::string callsign(string_field(given, "callsign"));
  if (callsign.empty()) callsign = settings_.callsign;
  const std::string token(string_field(given, "token"));
  // Its place in the list is taken when it is joined.
  auto made = std::make_shared<std::unique_ptr<JoinedChannel>>();
  if (known == nullptr) {
    *made =
        std::make_unique<JoinedChannel>(link_, timers_, *this, run->channel, settings_.directory);
    (*made)->channel().set_token(token_for(run->channel));
  }
  client::Channel& channel = known != nullptr ? *known : (*made)->channel();
  std::string passed = channel.join_arguments(run->arguments, callsign);
  if (!run->session.empty()) passed = with_fields(passed, {{"session", json_text(run->session)}});

  client::HubRequest request;
  request.method = "tools/call";
  request.name = "join";
  request.params = [params = with_fields("{}", {{"name", R"("join")"}, {"arguments", passed}})] {
    return params;
  };
  request.bearer = token.empty() ? channel.token() : token;
  const std::string bearer = request.bearer;
  run->asking =
      link_.ask(std::move(request), [this, run, made, bearer](const client::HubAnswer& answer) {
        const auto parsed = JsonDocument::parse(answer.json);
        const bool joined =
            answer.kind == client::HubAnswer::Kind::result && parsed && !is_error(*parsed);
        if (joined) {
          if (*made && find(run->channel) == nullptr) channels_.push_back(std::move(*made));
          const auto at = std::ranges::find(channels_, run->channel,
                                            [](const auto& c) { return c->channel().id(); });
          if (at != channels_.end()) {
            std::rotate(at, at + 1, channels_.end());
            channels_.back()->channel().set_token(bearer);
            channels_.back()->channel().joined(answer.json, run->arguments);
            if (run->channel == settings_.channel) start_was_told_ = true;
          }
        }
        answered(run, answer);
      });
}

void Application::answered(const RunRef& run, const client::HubAnswer& answer) {
  run->asking = 0;
  if (run->over) return;
  switch (answer.kind) {
    case client::HubAnswer::Kind::result:
      return took(run, answer.json);
    case client::HubAnswer::Kind::refused: {
      const auto error = JsonDocument::parse(answer.json);
      return fail(
          run, fmt::format("The hub refuses this: {}",
                           string_field(error ? std::optional(*error) : std::nullopt, "message")));
    }
    case client::HubAnswer::Kind::no_answer:
      return fail(run, answer.text);
  }
}

void Application::took(const RunRef& run, const std::string& result_json) {
  const auto result = JsonDocument::parse(result_json);
  if (!result) return fail(run, "The hub's answer cannot be read.");
  const auto facts = result->find("structuredContent");
  const bool error = is_error(*result);
  const std::string code(string_field(facts, "code"));
  const client::Channel* const channel = find(run->channel);
  const bool ours = channel != nullptr && channel->session() == run->used_session;
  // What the operator has ended is no session that was forgotten.
  const bool forgotten = error && (code == "not_joined" || code == "session_expired") &&
                         !first_text(*result).starts_with("The operator");
  if (forgotten && ours && !channel->is_dismissed() && run->tool != "join" && !run->rejoined) {
    return retry_after_rejoin(run);
  }

  const std::string token(error ? std::string_view() : new_token(run->tool, facts));
  if (!token.empty() && tokens_.size() < kTokensMax) {
    tokens_[std::string(string_field(facts, "channel_id"))] = token;
  }
  if (!error && run->tool == "ask") {
    const auto reply = facts ? facts->find("reply") : std::nullopt;
    run->brought_single = integer_field(reply, "id");
  }
  if (!error && receives(run->tool)) return bring(run, *result);
  std::string out = passed_result(*result, take_notice());
  if (!error && run->tool == "leave" && ours) {
    find(run->channel)->left();
    remove(run->channel);
  }
  finish(run, out);
}

// The answer of a receive, with the signals that came by the stream.
void Application::bring(const RunRef& run, const JsonValue& result) {
  const auto facts = result.find("structuredContent");
  run->brought = client::highest_message(facts);
  Signals signals;
  JoinedChannel* const here = joined(run->channel);
  if (here != nullptr && here->channel().session() == run->used_session) {
    here->statuses().shown(client::message_ids(facts));
    for (const Statuses::Status& status : here->statuses().waiting()) {
      if (signals.text.empty()) signals.text = api::whose_words(here->channel().posture());
      signals.text += "\n" + status_line(status.message, here->channel().callsign());
      signals.json.push_back(status.json);
      run->statuses.push_back(status.message.id);
    }
  }
  finish(run, passed_result(result, take_notice(), signals));
}

void Application::retry_after_rejoin(const RunRef& run) {
  run->rejoined = true;
  find(run->channel)->session_lost(run->used_session);
  run->session.clear();
  pass_on(run);
}

void Application::list_channels(const RunRef& run) {
  std::string text;
  std::string structured;
  JsonWriter json(structured);
  json.begin_object().key("channels").begin_array();
  for (const auto& one : channels_) {
    const client::Channel* const channel = &one->channel();
    const bool is_current = channel == current();
    const char* const state = channel->is_streaming()   ? "connected"
                              : channel->is_joined()    ? "the hub is away, reconnecting"
                              : channel->is_dismissed() ? "ended by the hub's operator"
                                                        : "not joined at the moment, trying";
    json.begin_object();
    json.field("channel_id", channel->id()).field("session_id", channel->session());
    json.field("callsign", channel->callsign()).field("live", channel->is_joined());
    json.field("connected", channel->is_streaming());
    json.field("unread", static_cast<std::uint64_t>(channel->unconfirmed()));
    json.field("current", is_current);
    json.end_object();
    text += fmt::format("{}{}: you are {}, {}, {} pushed and unread{}", text.empty() ? "" : "\n",
                        channel->id(), channel->callsign().empty() ? "?" : channel->callsign(),
                        state, channel->unconfirmed(),
                        is_current && channels_.size() > 1 ? " (meant where none is named)" : "");
  }
  json.end_array().end_object();
  if (text.empty()) text = "You have joined no channel here.";
  const auto result = JsonDocument::parse(text_result(text, structured, false));
  finish(run, passed_result(*result, take_notice()));
}

void Application::finish(const RunRef& run, const std::string& result_json) {
  run->over = true;
  run->reply.result(result_json);
  run->reply = mcp::Reply();
}

void Application::fail(const RunRef& run, std::string_view sentence) {
  finish(run, text_result(sentence, {}, true));
}

// A receive that had left for the hub before the signal came, and began to wait there after it: it
// would show the signal only when it ends. It is asked for anew, and ends at once.
void Application::statuses_wait(std::string_view channel) {
  for (const auto& receive : std::exchange(receiving_, {})) {
    const RunRef run = receive.lock();
    if (!run || run->over) continue;
    receiving_.push_back(run);
    if (run->channel != channel || run->asking == 0) continue;
    link_.cancel(std::exchange(run->asking, 0));
    pass_on(run);
  }
}

void Application::read_resource(const mcp::Request& request, mcp::Reply reply) {
  const auto name = api::parse_resource(request.name);
  if (!name) return mcp::resource_not_found(request, reply, request.name);
  const client::Channel* const channel = find(name->channel_id);
  std::string uri(request.name);
  if (channel != nullptr && name->session.empty()) {
    uri += (uri.find('?') == std::string::npos ? "?session=" : "&session=") +
           percent_encode(channel->session());
  }
  const auto run = std::make_shared<Run>();
  client::HubRequest wanted;
  wanted.method = "resources/read";
  wanted.name = uri;
  wanted.params = [params = with_fields("{}", {{"uri", json_text(uri)}})] { return params; };
  wanted.bearer = channel != nullptr ? channel->token() : token_for(name->channel_id);
  wanted.repeatable = true;
  run->reply = std::move(reply);
  run->reply.park(std::make_unique<Running>(*this, run));
  run->asking = link_.ask(std::move(wanted), [run](const client::HubAnswer& answer) {
    run->asking = 0;
    if (run->over) return;
    run->over = true;
    const auto parsed = JsonDocument::parse(answer.json);
    const auto object = parsed ? std::optional(*parsed) : std::nullopt;
    if (answer.kind == client::HubAnswer::Kind::result) {
      run->reply.result(with_fields(
          object, {{"resultType", ""}, {"_meta", ""}, {"ttlMs", ""}, {"cacheScope", ""}}));
    } else if (answer.kind == client::HubAnswer::Kind::refused) {
      run->reply.error(mcp::ErrorCode::legacy_resource_missing,
                       std::string(string_field(object, "message")));
    } else {
      run->reply.error(mcp::ErrorCode::internal, answer.text);
    }
    run->reply = mcp::Reply();
  });
}

}  // namespace rogerthat::bridge
