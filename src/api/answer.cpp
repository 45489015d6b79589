#include "api/answer.h"

#include <fmt/format.h>

#include "api/errors.h"
#include "api/request_counters.h"
#include "base/encoding.h"

namespace rogerthat::api {

namespace {

void append_number(std::string& out, std::string_view name, std::int64_t number) {
  const fmt::format_int digits(number);
  out += name;
  out.append(digits.data(), digits.size());
  out += "\r\n";
}

void append_limit(std::string& out, const hub::LimitState& limit) {
  append_number(out, "X-RateLimit-Limit: ", limit.limit);
  append_number(out, "X-RateLimit-Remaining: ", limit.remaining);
  append_number(out, "X-RateLimit-Reset: ", limit.reset_at / kSecond);
}

constexpr std::string_view kPolicy =
    "default-src 'none'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

// Styles and scripts inside a page of ours are named by their hash: nothing else may run there.
void append_hashes(std::string& policy, std::string_view directive, std::string_view page,
                   std::string_view open, std::string_view close) {
  bool first = true;
  for (std::size_t at = page.find(open); at != std::string_view::npos; at = page.find(open, at)) {
    at += open.size();
    const std::string_view content = page.substr(at, page.find(close, at) - at);
    const Digest digest = sha256(content);
    if (first) fmt::format_to(std::back_inserter(policy), "; {}", directive);
    first = false;
    fmt::format_to(std::back_inserter(policy), " 'sha256-{}'",
                   base64({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  }
}

void add_page_headers(net::Response& response) {
  std::string policy(kPolicy);
  append_hashes(policy, "style-src", response.body, "<style>", "</style>");
  append_hashes(policy, "script-src", response.body, "<script>", "</script>");
  response.headers.emplace_back("Content-Security-Policy", std::move(policy));
  response.headers.emplace_back("X-Frame-Options", "DENY");
}

}  // namespace

void Answer::count(int status) {
  counters_->count(shard_, route_, status);
}

void Answer::json(std::string_view body) {
  if (!exchange_.open()) return;
  count(200);
  if (plain()) {
    exchange_.reply_json(body);
    return;
  }
  thread_local std::string lines;
  lines.clear();
  if (limit_) append_limit(lines, *limit_);
  if (cors_ != nullptr) lines += cors_->header_lines;
  exchange_.reply_json(body, lines);
}

void Answer::error(const Error& error) {
  if (error.code == ErrorCode::rate_limited) counters_->refuse(shard_, Refusal::rate_limited);
  respond(error_response(error));
}

void Answer::respond(net::Response response) {
  if (!exchange_.open()) return;
  count(response.status);
  if (limit_) {
    response.headers.emplace_back("X-RateLimit-Limit", std::to_string(limit_->limit));
    response.headers.emplace_back("X-RateLimit-Remaining", std::to_string(limit_->remaining));
    response.headers.emplace_back("X-RateLimit-Reset", std::to_string(limit_->reset_at / kSecond));
  }
  if (cors_ != nullptr) add_cors_headers(*cors_, response);
  if (response.content_type.starts_with("text/html")) add_page_headers(response);
  exchange_.reply(std::move(response));
}

void Answer::shared(const net::SharedBytes& whole_response) {
  if (!exchange_.open()) return;
  count(200);
  exchange_.reply_shared(whole_response);
}

void Answer::open_stream() {
  count(200);
  std::string lines = "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n";
  if (cors_ != nullptr) lines += cors_->header_lines;
  exchange_.open_stream(lines);
}

}  // namespace rogerthat::api
