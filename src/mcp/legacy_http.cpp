// Requests of the legacy era over HTTP: handshake, sessions, their streams.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "mcp/batch.h"
#include "mcp/dispatch.h"
#include "mcp/get_stream.h"
#include "mcp/http_answer.h"
#include "mcp/http_call.h"
#include "mcp/http_endpoint_impl.h"
#include "mcp/sse.h"

namespace rogerthat::mcp {

namespace {

bool is_legacy_revision(std::string_view revision) {
  return std::ranges::find(kLegacyRevisions, revision) != std::end(kLegacyRevisions);
}

}  // namespace

// Any revision of the era is fine, whatever was negotiated: some clients send their newest.
std::shared_ptr<Session> HttpEndpoint::Impl::session_of(Incoming& in, std::string_view id) {
  const std::string_view revision = in.headers.protocol_version.value_or(kAssumedLegacy);
  if (!is_legacy_revision(revision)) {
    in.refuse(400, ErrorCode::server_error,
              fmt::format("MCP-Protocol-Version: {} is not supported here. Supported: {}, {}, {}, "
                          "{}, {}.",
                          revision.substr(0, 32), kModernRevision, kLegacyRevisions[0],
                          kLegacyRevisions[1], kLegacyRevisions[2], kLegacyRevisions[3]),
              id);
    return nullptr;
  }
  if (!in.headers.session_id) {
    in.refuse(400, ErrorCode::server_error,
              "Mcp-Session-Id is missing: send initialize first, and then the header of its answer "
              "with every request.",
              id);
    return nullptr;
  }
  auto session = sessions.find(*in.headers.session_id, in.realm, in.headers.authorization);
  if (!session) {
    in.refuse(404, ErrorCode::session_not_found,
              "Session not found: it has ended, or was opened elsewhere. Send initialize again.",
              id);
    return nullptr;
  }
  session->touch(in.shard.now());
  return session;
}

void HttpEndpoint::Impl::legacy(Incoming& in, const Message& message) {
  const std::string_view id = message.id.empty() ? kNoId : std::string_view(message.id);
  if (message.kind == Message::Kind::request && message.method == "initialize") {
    return initialize(in, message);
  }
  auto session = session_of(in, id);
  if (!session) return;
  if (message.kind != Message::Kind::request) {
    if (message.kind == Message::Kind::notification) {
      take_notification(*session, message);
    } else {
      take_response(*session, message);
    }
    return answer_empty(in.shard, in.exchange, 202);
  }
  CallOrigin origin = origin_of(in, Era::legacy, session->revision());
  origin.client = session->client();
  origin.session = std::move(session);
  Request request = describe_request(origin, message);
  if (moves_home(in, request)) return;
  const auto call =
      std::make_shared<HttpCall>(in.shard, std::move(origin), message.id, std::move(in.exchange),
                                 read_accept(in.headers.accept));
  dispatch(std::move(request), in.request.body, call);
  call->settle();
}

void HttpEndpoint::Impl::initialize(Incoming& in, const Message& message) {
  const auto handshake = read_initialize(message);
  if (!handshake) {
    return in.refuse(400, handshake.error().code, handshake.error().message, message.id);
  }
  SessionOwner owner;
  owner.realm = in.realm;
  if (in.headers.authorization) owner.authorization = sha256(*in.headers.authorization);
  const net::IpAddress address = in.request.client.limit_key();
  owner.address = address.bytes;
  const auto session = sessions.open(address, in.shard.now(), [&](std::string id) {
    return std::make_shared<Session>(std::move(id), std::move(owner), handshake->revision,
                                     handshake->client, in.application.begin_session(*in.caller));
  });
  if (!session) {
    return answer_busy(in.shard, in.exchange,
                       "The server has as many sessions as it can keep: try again later.",
                       message.id);
  }
  std::string body;
  append_initialize_result(body, message.id, in.application.info(), handshake->revision);
  in.shard.count_answer(200);
  in.exchange.reply_json(body, fmt::format("Mcp-Session-Id: {}\r\n", session->id()));
}

void HttpEndpoint::Impl::legacy_batch(Incoming& in, const JsonValue& array) {
  const std::size_t size = array.size();
  if (size == 0 || size > Batch::kMessagesMax) {
    return in.refuse(400, ErrorCode::invalid_request,
                     fmt::format("A batch has 1 to {} messages.", Batch::kMessagesMax));
  }
  auto session = session_of(in, kNoId);
  if (!session) return;
  if (session->revision() != "2025-03-26") {
    return in.refuse(400, ErrorCode::invalid_request,
                     "Batches belong to revision 2025-03-26 only: send one message at a time.");
  }
  // As texts, because the application may parse something of its own between two of them.
  std::vector<std::string> messages;
  array.each_item([&](JsonValue item) { append_json(messages.emplace_back(), item); });

  CallOrigin origin = origin_of(in, Era::legacy, session->revision());
  origin.client = session->client();
  origin.session = std::move(session);
  for (const std::string& text : messages) {
    const auto message = parse_message(text);
    if (!message || message->kind != Message::Kind::request) continue;
    const auto home = in.application.home(describe_request(origin, *message));
    if (!home) continue;
    if (move_to(in, *home)) return;
    break;
  }
  Batch::run(in.shard, origin, messages, std::move(in.exchange));
}

void HttpEndpoint::Impl::get(Incoming& in) {
  if (in.headers.protocol_version == kModernRevision) {
    net::Response response;
    response.status = 405;
    response.headers.emplace_back("Allow", "POST");
    append_error(response.body, kNoId, ErrorCode::server_error,
                 "This revision is spoken by POST only; subscriptions/listen opens a stream.");
    in.shard.count_answer(405);
    return in.exchange.reply(std::move(response));
  }
  if (in.headers.accept && !read_accept(in.headers.accept).events) {
    return in.refuse(406, ErrorCode::server_error,
                     "GET opens an event stream: send Accept: text/event-stream.");
  }
  auto session = session_of(in, kNoId);
  if (!session) return;
  const auto after =
      in.headers.last_event_id ? parse_event_id(*in.headers.last_event_id) : std::nullopt;
  if (in.shard.draining()) {
    return answer_busy(in.shard, in.exchange, "The server is going down: come back in a moment.");
  }
  if (!after || after->of_session) {
    return GetStream::open(in.shard, std::move(session), std::move(in.exchange),
                           after ? std::optional(after->number) : std::nullopt);
  }
  if (move_to(in, after->shard)) return;
  const auto found = in.shard.streams.find(after->stream);
  if (after->shard != in.shard.number || found == in.shard.streams.end() ||
      !found->second->belongs_to(*session) || !found->second->has_told(after->number)) {
    return in.refuse(400, ErrorCode::server_error,
                     "Last-Event-ID names an answer that is no longer kept: make the call again.");
  }
  found->second->resume(std::move(in.exchange), after->number);
}

void HttpEndpoint::Impl::end_session(Incoming& in) {
  if (in.headers.protocol_version == kModernRevision) {
    net::Response response;
    response.status = 405;
    response.headers.emplace_back("Allow", "POST");
    append_error(response.body, kNoId, ErrorCode::server_error,
                 "This revision has no sessions to end.");
    in.shard.count_answer(405);
    return in.exchange.reply(std::move(response));
  }
  const auto session = session_of(in, kNoId);
  if (!session) return;
  sessions.remove(session);
  answer_empty(in.shard, in.exchange, 200);
}

}  // namespace rogerthat::mcp
