#include "support/peer.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/json.h"

namespace rogerthat::bench {
namespace {

std::string post(int port, std::string_view path, std::string_view headers, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}Content-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      path, port, headers, body.size(), body);
}

std::string get(int port, std::string_view path, std::string_view headers) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{}\r\n", path, port, headers);
}

// The same body for every server, so that all of them read and keep the same bytes.
std::string send_body(std::size_t text_bytes) {
  return fmt::format(R"({{"to":"all","message":"{}"}})", stamped_text(text_bytes));
}

std::string field(const std::string& body, std::string_view name) {
  const auto document = JsonDocument::parse(body);
  const auto value = document ? document->find(name) : std::nullopt;
  if (!value || !value->is(JsonValue::Type::string)) {
    throw Failure(fmt::format("the answer has no \"{}\": {:.200}", name, body));
  }
  return std::string(value->string());
}

class RogerThat : public Peer {
 public:
  explicit RogerThat(int port) : port_(port) {}

  std::vector<Channel> create_channels(Loop& loop, std::size_t count, bool durable) override {
    const std::string body = durable ? R"({"durable":true})" : R"({"durable":false})";
    const std::vector<std::string> requests(count, post(port_, "/api/channels", "", body));
    std::vector<Channel> channels;
    for (const std::string& answer : ask_all(loop, requests)) {
      channels.push_back({field(answer, "channel_id"), field(answer, "join_token"), {}, {}});
    }
    return channels;
  }

  void join_senders(Loop& loop, std::vector<Channel>& channels) override {
    std::vector<std::string> requests;
    requests.reserve(channels.size());
    for (const Channel& channel : channels) requests.push_back(join(channel, "sender"));
    const auto answers = ask_all(loop, requests);
    for (std::size_t i = 0; i < channels.size(); i++) {
      channels[i].sender_session = field(answers[i], "session_id");
    }
  }

  void join_readers(Loop& loop, std::vector<Channel>& channels, std::size_t each) override {
    std::vector<std::string> requests;
    for (const Channel& channel : channels) {
      for (std::size_t i = 0; i < each; i++) {
        requests.push_back(join(channel, fmt::format("reader-{}", i)));
      }
    }
    const auto answers = ask_all(loop, requests);
    for (std::size_t i = 0; i < answers.size(); i++) {
      channels[i / each].reader_sessions.push_back(field(answers[i], "session_id"));
    }
  }

  SendRequest send_request(const Channel& channel, std::size_t text_bytes) const override {
    return stamped(post(port_, path(channel, "send"), auth(channel, channel.sender_session),
                        send_body(text_bytes)));
  }

  std::string poll_request(const Channel& channel, std::size_t reader) const override {
    return get(port_, path(channel, "listen?timeout=60"),
               auth(channel, channel.reader_sessions[reader]));
  }

  std::string stream_request(const Channel& channel, std::size_t reader) const override {
    return get(port_, path(channel, "stream"), auth(channel, channel.reader_sessions[reader]));
  }

  std::string next_poll(const Channel& channel, std::size_t reader,
                        const Response&) const override {
    return poll_request(channel, reader);
  }

 private:
  static std::string path(const Channel& channel, std::string_view call) {
    return fmt::format("/api/channels/{}/{}", channel.id, call);
  }
  static std::string auth(const Channel& channel, std::string_view session) {
    return fmt::format("Authorization: Bearer {}\r\nX-Session-Id: {}\r\n", channel.token, session);
  }
  std::string join(const Channel& channel, std::string_view callsign) const {
    return post(port_, path(channel, "join"),
                fmt::format("Authorization: Bearer {}\r\n", channel.token),
                fmt::format(R"({{"callsign":"{}"}})", callsign));
  }

  int port_;
};

// The push module of nginx, as nchan.conf sets it up. Channels come into being by being used, and
// nobody joins.
class Nchan : public Peer {
 public:
  explicit Nchan(int port) : port_(port) {}

  std::vector<Channel> create_channels(Loop&, std::size_t count, bool durable) override {
    if (durable) throw Failure("nchan keeps messages in memory only");
    std::vector<Channel> channels;
    channels.reserve(count);
    for (std::size_t i = 0; i < count; i++) {
      channels.push_back({fmt::format("channel-{}-{}", now_ns(), i), {}, {}, {}});
    }
    return channels;
  }
  void join_senders(Loop&, std::vector<Channel>&) override {}
  void join_readers(Loop&, std::vector<Channel>&, std::size_t) override {}

  SendRequest send_request(const Channel& channel, std::size_t text_bytes) const override {
    return stamped(post(port_, "/publish/" + channel.id, "", send_body(text_bytes)));
  }
  std::string poll_request(const Channel& channel, std::size_t) const override {
    return get(port_, "/poll/" + channel.id, "");
  }
  std::string stream_request(const Channel& channel, std::size_t) const override {
    return get(port_, "/stream/" + channel.id, "Accept: text/event-stream\r\n");
  }
  std::string next_poll(const Channel& channel, std::size_t,
                        const Response& answer) const override {
    return get(port_, "/poll/" + channel.id,
               fmt::format("If-Modified-Since: {}\r\nIf-None-Match: {}\r\n",
                           header_value(answer, "last-modified"), header_value(answer, "etag")));
  }

 private:
  int port_;
};

// The floor: a server that does nothing but HTTP. It answers sends and holds no channels.
class Echo : public Peer {
 public:
  explicit Echo(int port) : port_(port) {}

  std::vector<Channel> create_channels(Loop&, std::size_t count, bool) override {
    return std::vector<Channel>(
        count, Channel{"brave-otter-1a2b", std::string(43, 't'), std::string(32, 's'), {}});
  }
  void join_senders(Loop&, std::vector<Channel>&) override {}
  void join_readers(Loop&, std::vector<Channel>&, std::size_t) override {
    throw Failure("the echo server only answers sends");
  }
  SendRequest send_request(const Channel& channel, std::size_t text_bytes) const override {
    return stamped(post(port_, fmt::format("/api/channels/{}/send", channel.id),
                        fmt::format("Authorization: Bearer {}\r\nX-Session-Id: {}\r\n",
                                    channel.token, channel.sender_session),
                        send_body(text_bytes)));
  }
  std::string poll_request(const Channel&, std::size_t) const override { return {}; }
  std::string stream_request(const Channel&, std::size_t) const override { return {}; }
  std::string next_poll(const Channel&, std::size_t, const Response&) const override { return {}; }

 private:
  int port_;
};

// Works through a list of requests, each connection taking the next one.
class Asker : public ConnectionHandler {
 public:
  Asker(Loop& loop, const std::vector<std::string>& requests, const OnAnswer& on_answer)
      : loop_(loop), requests_(requests), on_answer_(on_answer) {}

  void run(std::size_t connections) {
    std::vector<Connection*> mine;
    for (std::size_t i = 0; i < std::min(connections, requests_.size()); i++) {
      mine.push_back(&loop_.open(*this));
      ask_next(*mine.back());
    }
    loop_.run_until_done([&] { return answered_ == requests_.size(); }, 120 * kNanosPerSecond,
                         "the answers to the preparing requests");
    for (Connection* connection : mine) loop_.close(*connection);
  }

  void on_response(Connection& connection, const Response& response) override {
    if (response.status / 100 != 2) {
      const std::string& request = requests_[connection.tag];
      throw Failure(fmt::format("{} answers {} {:.300}", request.substr(0, request.find(" HTTP/")),
                                response.status, body_text(response)));
    }
    on_answer_(connection.tag, response);
    answered_++;
    ask_next(connection);
  }

 private:
  void ask_next(Connection& connection) {
    if (next_ == requests_.size()) return;
    connection.tag = static_cast<std::uint32_t>(next_++);
    loop_.send(connection, requests_[connection.tag]);
  }

  Loop& loop_;
  const std::vector<std::string>& requests_;
  const OnAnswer& on_answer_;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace

std::string stamped_text(std::size_t text_bytes) {
  std::string text = fmt::format("{}{:0{}}", kStampMark, 0, kStampDigits);
  while (text.size() < text_bytes) text += "please look at the failing test "[text.size() % 32];
  return text;
}

SendRequest stamped(std::string bytes) {
  const std::size_t at = bytes.find(kStampMark) + kStampMark.size();
  return {std::move(bytes), at};
}

void SendRequest::stamp(Nanos value) {
  for (std::size_t i = kStampDigits; i-- > 0;) {
    bytes[stamp_at + i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

void keep_cut_stamp(std::string& rest, std::string_view tail) {
  const std::size_t whole = kStampMark.size() + kStampDigits;
  std::size_t at = tail.size() < whole ? 0 : tail.size() - whole + 1;
  for (; at < tail.size(); at++) {
    const std::string_view candidate = tail.substr(at, kStampMark.size());
    if (kStampMark.starts_with(candidate)) {
      rest = tail.substr(at);
      return;
    }
  }
}

std::vector<std::string> ask_all(Loop& loop, const std::vector<std::string>& requests,
                                 std::size_t connections) {
  std::vector<std::string> answers(requests.size());
  ask_each(
      loop, requests,
      [&](std::size_t i, const Response& response) { answers[i] = body_text(response); },
      connections);
  return answers;
}

void ask_each(Loop& loop, const std::vector<std::string>& requests, const OnAnswer& on_answer,
              std::size_t connections) {
  Asker(loop, requests, on_answer).run(connections);
}

std::vector<SendRequest> send_requests(const Peer& peer, const std::vector<Channel>& channels,
                                       std::size_t text_bytes) {
  std::vector<SendRequest> requests;
  requests.reserve(channels.size());
  for (const Channel& channel : channels) {
    requests.push_back(peer.send_request(channel, text_bytes));
  }
  return requests;
}

std::unique_ptr<Peer> make_peer(std::string_view name, int port) {
  if (name == "rogerthat") return std::make_unique<RogerThat>(port);
  if (name == "nchan") return std::make_unique<Nchan>(port);
  if (name == "echo") return std::make_unique<Echo>(port);
  throw Failure(fmt::format("no peer is called {}; there are rogerthat, nchan and echo", name));
}

}  // namespace rogerthat::bench
