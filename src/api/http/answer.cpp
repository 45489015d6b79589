#include "api/http/answer.h"

#include <fmt/format.h>

#include "api/http/errors.h"
#include "base/encoding.h"
#include "base/utf8.h"
#include "watch/request_counters.h"

namespace rogerthat::api {

namespace {

constexpr std::size_t kIgnoredTold = 20;
constexpr std::size_t kIgnoredNameShown = 64;

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

void Answer::ignore(std::string_view name) {
  if (!ignored_) ignored_ = std::make_unique<Ignored>();
  ++ignored_->count;
  if (ignored_->told.size() == kIgnoredTold) return;
  ignored_->told.emplace_back(is_valid_utf8(name) ? cut_to_code_points(name, kIgnoredNameShown)
                                                  : "(not UTF-8)");
}

void Answer::ignore_more(std::size_t count) {
  if (count > 0) ignored_->count += count;
}

void Answer::write_ignored(JsonWriter& json) const {
  if (!ignored_) return;
  json.key("ignored").begin_array();
  for (const std::string& name : ignored_->told) json.value(name);
  json.end_array();
  const std::size_t count = ignored_->count;
  if (count > ignored_->told.size()) json.field("ignored_count", std::uint64_t{count});
}

std::string Answer::with_ignored(std::string_view object) const {
  std::string told;
  JsonWriter json(told);
  json.begin_object();
  write_ignored(json);
  json.end_object();
  if (object == "{}") return told;
  std::string out(object.substr(0, object.size() - 1));
  out += ',';
  out += std::string_view(told).substr(1);
  return out;
}

void Answer::json(std::string_view body) {
  if (!exchange_.open()) return;
  count(200);
  std::string with;
  if (ignored_) body = with = with_ignored(body);
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
  if (error.code == ErrorCode::rate_limited)
    counters_->refuse(shard_, watch::RefusalReason::rate_limited);
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
  if (ignored_ && response.status == 200) tell_ignored(response);
  if (cors_ != nullptr) add_cors_headers(*cors_, response);
  if (response.content_type.starts_with("text/html")) add_page_headers(response);
  exchange_.reply(std::move(response));
}

// An object tells it in itself, everything else in a header.
void Answer::tell_ignored(net::Response& response) const {
  if (response.content_type == net::kJson && response.body.ends_with('}')) {
    response.body = with_ignored(response.body);
    return;
  }
  std::string names;
  for (const std::string& name : ignored_->told) {
    if (!names.empty()) names += ", ";
    names += percent_encode(name);
  }
  response.headers.emplace_back("X-Ignored", std::move(names));
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
