// Identities: how many joins with a key a second, and what a hundred thousand identities beside a
// hundred thousand channels take up, before and after a restart.
#include <algorithm>

#include <fmt/core.h>

#include "scenario/scenario.h"
#include "support/loop.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/sender.h"

namespace rogerthat::bench {
namespace {

constexpr std::size_t kIdentitiesAnAccount = 1'000;  // the most that one may have

constexpr int kJoinChannels = 40'000;
constexpr int kJoiningIdentities = 10'000;
constexpr std::size_t kJoinsAChannel = 6;

constexpr int kKeptIdentities = 100'000;
constexpr int kKeptChannels = 100'000;

std::string post(int port, std::string_view path, std::string_view headers, std::string_view body) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Length: {}\r\n\r\n{}",
                     path, port, headers, body.size(), body);
}

std::string field(const std::string& body, std::string_view name) {
  const auto document = JsonDocument::parse(body);
  const auto value = document ? document->find(name) : std::nullopt;
  if (!value || !value->is(JsonValue::Type::string)) {
    throw Failure(fmt::format("the answer has no \"{}\": {:.200}", name, body));
  }
  return std::string(value->string());
}

// Their keys. Every account makes as many as it may.
std::vector<std::string> create_identities(Loop& loop, std::size_t count) {
  const std::size_t accounts = (count + kIdentitiesAnAccount - 1) / kIdentitiesAnAccount;
  const std::vector<std::string> opening(accounts, post(loop.port(), "/api/account", "", "{}"));
  std::vector<std::string> requests;
  for (const std::string& answer : ask_all(loop, opening)) {
    const std::string bearer =
        fmt::format("Authorization: Bearer {}\r\n", field(answer, "session_token"));
    const std::string request = post(loop.port(), "/api/account/identities", bearer, "{}");
    const std::size_t left = count - requests.size();
    requests.insert(requests.end(), std::min(left, kIdentitiesAnAccount), request);
  }
  std::vector<std::string> keys;
  for (const std::string& answer : ask_all(loop, requests)) {
    keys.push_back(field(answer, "identity_key"));
  }
  return keys;
}

// Channel after channel, so that no roster grows long; a header carries the stamp.
std::vector<SendRequest> join_requests(int port, const std::vector<Channel>& channels,
                                       const std::vector<std::string>& keys) {
  std::vector<SendRequest> requests;
  std::size_t next = 0;
  for (std::size_t round = 0; round < kJoinsAChannel; ++round) {
    for (const Channel& channel : channels) {
      const std::string headers =
          fmt::format("Authorization: Bearer {}\r\nX-Bench: {}\r\n", channel.token,
                      stamped_text(kStampMark.size() + kStampDigits));
      const std::string body = fmt::format(R"({{"identity_key":"{}"}})", keys[next]);
      requests.push_back(
          stamped(post(port, fmt::format("/api/channels/{}/join", channel.id), headers, body)));
      next = (next + 1) % keys.size();
    }
  }
  return requests;
}

// When the server has come to rest: caches of the preparing requests are part of it.
std::int64_t resident_bytes(const Options& options, const Child& server) {
  Options watched = options;
  watched.server_pid = server.pid();
  wait_until_quiet(watched);
  return read_memory_use(server.pid()).resident_bytes;
}

}  // namespace

void run_identity_joins(const Options& options, JsonWriter& out) {
  Loop loop(options.port);
  const auto peer = make_peer(options.peer, options.port);
  const auto channel_count = static_cast<std::size_t>(or_default(options.channels, kJoinChannels));
  const auto identities = static_cast<std::size_t>(or_default(options.count, kJoiningIdentities));
  const auto keys = create_identities(loop, identities);
  const auto channels = peer->create_channels(loop, channel_count, false);
  Sender sender(loop, join_requests(options.port, channels, keys),
                static_cast<std::size_t>(options.connections), options.rate);
  measure_sends(options, loop, sender, out);
}

void run_identity_footprint(const Options& options, JsonWriter& out) {
  if (options.command.empty()) throw Failure("it needs the server's command after --");
  const auto channels = static_cast<std::size_t>(or_default(options.channels, kKeptChannels));
  const auto identities = static_cast<std::size_t>(or_default(options.count, kKeptIdentities));
  const auto peer = make_peer(options.peer, options.port);
  const auto wait_for = [&](Child& server) {
    return wait_for_ok(options.port, "/readyz", 60 * kNanosPerSecond,
                       [&] { return !server.ended(); });
  };
  out.field("identities", std::uint64_t{identities}).field("channels", std::uint64_t{channels});
  {
    Child server(options.command, options.server_core);
    wait_for(server);
    Loop loop(options.port);
    create_identities(loop, identities);
    peer->create_channels(loop, channels, false);
    out.field("resident_bytes", resident_bytes(options, server));
    loop.close_all();
    if (!server.stop(20 * kNanosPerSecond)) throw Failure("the server did not stop by itself");
  }
  Child server(options.command, options.server_core);
  const Wait wait = wait_for(server);
  out.field("ready_seconds", double(wait.took) / double(kNanosPerSecond));
  out.field("restarted_resident_bytes", resident_bytes(options, server));
  server.stop(20 * kNanosPerSecond);
}

}  // namespace rogerthat::bench
