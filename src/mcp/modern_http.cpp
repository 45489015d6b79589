// Requests of the modern era over HTTP: each stands for itself.
#include <utility>

#include "mcp/dispatch.h"
#include "mcp/http_answer.h"
#include "mcp/http_call.h"
#include "mcp/http_endpoint_impl.h"
#include "mcp/modern_request.h"
#include "mcp/subscription.h"

namespace rogerthat::mcp {

namespace {
void refuse_modern(const Incoming& in, const Message& message, const ModernRefusal& refusal) {
  answer_error(in.shard, in.exchange, 400, refusal.code, refusal.message, message.id, refusal.data);
}
}  // namespace

void HttpEndpoint::Impl::modern(Incoming& in, const Message& message) {
  if (message.kind == Message::Kind::notification) {
    return answer_empty(in.shard, in.exchange, 202);  // none of them asks for anything
  }
  if (message.kind == Message::Kind::response) {
    return in.refuse(400, ErrorCode::invalid_request,
                     "A server of this revision sends no requests, so there is nothing to respond "
                     "to: answers go into params.inputResponses.",
                     message.id);
  }
  const auto claim = judge_claim(message, in.headers);
  if (!claim) return refuse_modern(in, message, claim.error());
  CallOrigin origin = origin_of(in, Era::modern, kModernRevision);
  origin.client = claim->client;
  origin.log_level = claim->log_level;
  Request request = describe_request(origin, message);
  if (knows_method(Era::modern, message.method)) {
    if (const auto refusal = judge_name(request, in.headers, in.request)) {
      return refuse_modern(in, message, *refusal);
    }
    if (moves_home(in, request)) return;
  }
  const Accepted accepted = read_accept(in.headers.accept);
  if (message.method == "subscriptions/listen") {
    if (!accepted.events) {
      return in.refuse(406, ErrorCode::server_error,
                       "subscriptions/listen is answered by a stream: send Accept: "
                       "application/json, text/event-stream.",
                       message.id);
    }
    return Subscription::open(in.shard, origin, message, std::move(in.exchange));
  }
  const auto call = std::make_shared<HttpCall>(in.shard, std::move(origin), message.id,
                                               std::move(in.exchange), accepted);
  dispatch(std::move(request), in.request.body, call);
  call->settle();
}

}  // namespace rogerthat::mcp
