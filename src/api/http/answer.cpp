#include "api/http/answer.h"

#include <fmt/format.h>

#include "api/http/errors.h"
#include "api/http/request_counters.h"

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

// Our pages are text and links: nothing may run in them, and nothing may show them in a frame.
constexpr std::string_view kContentPolicy =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

void add_page_headers(net::Response& response) {
  response.headers.emplace_back("Content-Security-Policy", std::string(kContentPolicy));
  response.headers.emplace_back("X-Frame-Options", "DENY");
}

}  // namespace

void Answer::count(int status) {
  counters_->count(shard_, row_, status);
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
  exchange_.open_stream(cors_ != nullptr ? std::string_view(cors_->header_lines)
                                         : std::string_view());
}

}  // namespace rogerthat::api
