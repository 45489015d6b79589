#include "mcp/http_endpoint.h"

#include <utility>

#include "mcp/dispatch.h"
#include "mcp/http_answer.h"
#include "mcp/http_endpoint_impl.h"
#include "mcp/modern_request.h"

namespace rogerthat::mcp {

HttpEndpoint::Impl::Impl(HttpOptions given)
    : options(std::move(given)), sessions(options.sessions) {
  for (std::size_t i = 0; i < options.loops.size(); ++i) {
    net::Loop& loop = *options.loops[i];
    shards.push_back(std::make_shared<HttpShard>(
        static_cast<std::uint32_t>(i), loop, sessions,
        HttpShard::Options{options.heartbeat, options.resume_window, options.answered}));
    loop.post([shard = shards.back().get()] { shard->loop.attach(shard); });
  }
}

HttpEndpoint::HttpEndpoint(HttpOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

HttpEndpoint::~HttpEndpoint() {
  for (const auto& shard : impl_->shards) {
    shard->loop.detach(shard.get());
    shard->give_up_broken();
  }
}

void HttpEndpoint::handle(std::uint32_t shard, const net::Request& request, net::Exchange exchange,
                          Application& application, std::string_view realm,
                          std::shared_ptr<Caller> caller) {
  if (!caller) caller = std::make_shared<Caller>();
  const HttpHeaders headers = read_headers(request);
  Incoming in{*impl_->shards[shard], request, exchange, application, realm, caller, headers};
  switch (request.method) {
    case net::Method::post:
      return impl_->post(in);
    case net::Method::get:
      return impl_->get(in);
    case net::Method::delete_:
      return impl_->end_session(in);
    default:
      break;
  }
  net::Response response;
  response.status = 405;
  response.headers.emplace_back("Allow", "GET, POST, DELETE");
  append_error(response.body, kNoId, ErrorCode::server_error,
               "MCP is spoken by POST; GET opens a session's stream and DELETE ends the session.");
  in.shard.count_answer(405);
  exchange.reply(std::move(response));
}

void Incoming::refuse(int status, ErrorCode code, std::string_view message,
                      std::string_view id) const {
  answer_error(shard, exchange, status, code, message, id);
}

void HttpEndpoint::Impl::post(Incoming& in) {
  if (!may_be_json(in.headers.content_type)) {
    return in.refuse(415, ErrorCode::server_error,
                     "The body must be JSON: send Content-Type: application/json.");
  }
  const Accepted accepted = read_accept(in.headers.accept);
  if (!accepted.json && !accepted.events) {
    return in.refuse(406, ErrorCode::server_error,
                     "Answers are JSON or an event stream: send Accept: application/json, "
                     "text/event-stream.");
  }
  const bool modern_header = in.headers.protocol_version == kModernRevision;
  const auto document = JsonDocument::parse(in.request.body);
  if (!document) {
    const BadMessage refusal = not_json(document.error());
    return in.refuse(400, refusal.code, refusal.message);
  }
  if (document->is(JsonValue::Type::array) && !modern_header) return legacy_batch(in, *document);
  const auto message = read_message(*document);
  if (!message) {
    return in.refuse(400, message.error().code, message.error().message, message.error().id);
  }
  if (modern_header || claimed_revision(*message)) return modern(in, *message);
  legacy(in, *message);
}

bool HttpEndpoint::Impl::move_to(Incoming& in, std::uint32_t shard) {
  // Where it has been moved once it stays: two rooms that disagree must not play ball with it.
  if (shard == in.shard.number || shard >= shards.size() || in.exchange.moves() > 1) return false;
  in.exchange.move_to(shards[shard]->loop);
  return true;
}

bool HttpEndpoint::Impl::moves_home(Incoming& in, const Request& request) {
  const auto home = in.application.home(request);
  return home && move_to(in, *home);
}

CallOrigin HttpEndpoint::Impl::origin_of(Incoming& in, Era era, std::string_view revision) {
  CallOrigin origin;
  origin.application = &in.application;
  origin.loop = &in.shard.loop;
  origin.shard = in.shard.number;
  origin.era = era;
  origin.revision = revision;
  origin.caller = std::move(in.caller);
  return origin;
}

void HttpEndpoint::list_changed(List list) {
  impl_->sessions.each([list](Session& session) { session.note_list_changed(list); });
  for (const auto& shard : impl_->shards) {
    shard->loop.post([shard = shard.get(), list] { shard->list_changed(list); });
  }
}

void HttpEndpoint::drain() {
  for (const auto& shard : impl_->shards) {
    shard->loop.post([shard = shard.get()] { shard->drain(); });
  }
}

HttpStats HttpEndpoint::stats() const {
  HttpStats stats;
  stats.sessions = impl_->sessions.size();
  for (const auto& shard : impl_->shards) {
    stats.calls += shard->calls.get();
    stats.streams += shard->open_streams.get();
    stats.subscriptions += shard->open_subscriptions.get();
  }
  return stats;
}

}  // namespace rogerthat::mcp
