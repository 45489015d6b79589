// Whatever bytes come, and however they are split, the same requests are read and the same refusal
// ends them. What is read keeps to the rules that make smuggling impossible.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/request_reader.h"
#include "net/server.h"

namespace net = rogerthat::net;

namespace {

class Rules final : public net::Handler {
 public:
  void handle(const net::Request&, net::Exchange) override {}
  std::size_t body_limit(net::Method, std::string_view) override { return 300; }
  std::string refusal_body(int, std::string_view) override { return {}; }
};

void must(bool holds) {
  if (!holds) std::abort();
}

void check(const net::Head& head, const std::vector<net::Header>& headers, std::size_t body_size) {
  must(!head.target.empty() && body_size <= 300);
  must(head.path.starts_with('/') || head.path == "*");
  must(!(head.chunked && head.has_length));
  if (!head.chunked) must(head.length == body_size);
  for (const net::Header& header : headers) {
    must(!header.name.empty());
    must(header.name.find_first_of(": \t\r\n") == std::string_view::npos);
    must(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

// What has been read of `bytes`, as text. `piece`: how many bytes come at once.
std::string read_all(std::string_view bytes, std::size_t piece) {
  const net::ReadLimits limits{.header_bytes_max = 400, .body_bytes_max = 1000};
  Rules rules;
  std::vector<net::Header> headers;
  std::string seen, buffer;
  net::Progress progress;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    buffer.append(bytes.substr(at, piece));
    for (;;) {
      if (progress.stage == net::Progress::Stage::head && progress.scanned == 0) {
        buffer.erase(0, net::count_blank_lines(buffer.data(), buffer.size()));
      }
      std::size_t size = buffer.size();
      const auto read = net::read_request(buffer.data(), size, progress, limits, rules, headers);
      must(size <= buffer.size());
      buffer.resize(size);
      if (read.outcome == net::ReadOutcome::more) break;
      if (read.outcome == net::ReadOutcome::refused) {
        must(read.refusal.status >= 400 && !read.refusal.reason.empty());
        return seen + std::to_string(read.refusal.status) + std::string(read.refusal.reason);
      }
      check(read.head, headers, progress.body_size);
      must(progress.end <= buffer.size());
      seen.append(read.head.method_name).append(" ").append(read.head.target).append(" ");
      seen.append(read.head.host).append("\n");
      seen.append(buffer, progress.head_size, progress.body_size).append("\n");
      buffer.erase(0, progress.end);
      progress = net::Progress{};
    }
    // What is kept of an incomplete request stays bounded.
    must(buffer.size() <= 400 + 300 + 8192 + piece);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = read_all(bytes, size + 1);
  must(read_all(bytes, 1) == whole);
  must(read_all(bytes, 7) == whole);
  return 0;
}
