#include "api/texts/snippets.h"

#include <fmt/format.h>

#include "base/json.h"
#include "core/limits.h"

namespace rogerthat::api {

namespace {

constexpr std::int64_t kLongestListen = core::kListenTimeoutMax / kSecond;
constexpr std::int64_t kLongestWait = core::kWaitTimeoutMax / kSecond;
constexpr std::int64_t kGrace = 30;  // seconds that an answer may be late before curl gives up

// A here-document: what opens it and its lines. A quoted delimiter needs no quoting beyond JSON's.
struct Document {
  std::string_view opening;
  std::string lines;
};

Document join_document(const Place& place) {
  std::string body;
  JsonWriter json(body);
  if (!place.identity_key.empty()) {
    json.begin_object().field("identity_key", place.identity_key);
    if (!place.owner_password.empty()) json.field("owner_password", place.owner_password);
    json.end_object();
    return {"<<'RR'", body + "\nRR"};
  }
  // The shell has to put the key in, so a password that it might take for its own stays out.
  if (place.identity_needed) {
    return {"<<RR", R"({"identity_key":"${RR_IDENTITY_KEY:?set it to your identity key}"})"
                    "\nRR"};
  }
  json.begin_object().field("callsign", place.callsign);
  if (!place.owner_password.empty()) json.field("owner_password", place.owner_password);
  json.end_object();
  return {"<<'RR'", body + "\nRR"};
}

constexpr std::string_view kHubToken = "${ROGERTHAT_TOKEN:?set it to the token of this hub}";

std::string bearer_of(const Place& place) {
  if (place.hub_token_needed) return fmt::format("\"{}\"", kHubToken);
  return fmt::format("'{}'", place.token);
}

// printf is a builtin: what it is given shows in no process list.
std::string write_bearer(const Place& place) {
  return fmt::format(R"(printf 'header = "Authorization: Bearer %s"\n' {})", bearer_of(place));
}

constexpr std::string_view kTakeSession = R"sed(sed -n 's/.*"session_id":"\([^"]*\)".*/\1/p')sed";

std::string authorized_curl(const Place& place) {
  return fmt::format("curl -sSK {}", state_file(place));
}

// The header by standard input, for commands that leave no file behind.
std::string bearer_input(const Place& place) {
  if (place.hub_token_needed) {
    return fmt::format(R"(<<<"header = \"Authorization: Bearer {}\"")", kHubToken);
  }
  return fmt::format(R"(<<<'header = "Authorization: Bearer {}"')", place.token);
}

}  // namespace

std::string create_command(std::string_view origin, bool hub_token_needed, std::string_view body) {
  if (!hub_token_needed) return fmt::format("curl -sS '{}/api/channels' -d '{}'", origin, body);
  return fmt::format("curl -sSK - '{}/api/channels' -d '{}' {}", origin, body,
                     bearer_input(Place{.hub_token_needed = true}));
}

std::string channel_url(const Place& place) {
  return fmt::format("{}/api/channels/{}", place.origin, place.channel_id);
}

std::string state_file(const Place& place) {
  return fmt::format("~/.rr-{}.{}", place.channel_id, place.callsign);
}

std::string join_command(const Place& place) {
  const Document document = join_document(place);
  return fmt::format(
      R"bash(umask 077; F={}
{} >$F
curl -sSK $F '{}/join' -d @- {} | tee $F.join
{}
printf 'header = "X-Session-Id: %s"\n' "$({} $F.join)" >>$F)bash",
      state_file(place), write_bearer(place), channel_url(place), document.opening, document.lines,
      kTakeSession);
}

std::string join_line(const Place& place) {
  std::string body = fmt::format(R"('{{"callsign":"{}"}}')", place.callsign);
  if (place.identity_needed) {
    body = R"("{\"identity_key\":\"${RR_IDENTITY_KEY:?set it to your identity key}\"}")";
  }
  return fmt::format("curl -sSK - '{}/join' -d {} {}", channel_url(place), body,
                     bearer_input(place));
}

std::string receive_command(const Place& place, int seconds) {
  return fmt::format("{} '{}/wait?timeout={}'", authorized_curl(place), channel_url(place),
                     seconds);
}

// `-m` for connections that died without a word; errors end the wait too, so that they are seen.
std::string wake_command(const Place& place) {
  return fmt::format(
      "until curl -sK {} -m {} '{}/wait?timeout={}' | grep -e '\"id\":' -e '\"error\":'; "
      "do sleep 5; done",
      state_file(place), kLongestWait + kGrace, channel_url(place), kLongestWait);
}

std::string stream_command(const Place& place) {
  return fmt::format("{} -N '{}/stream'", authorized_curl(place), channel_url(place));
}

std::string send_command(const Place& place, std::string_view to, std::string_view text) {
  std::string body;
  JsonWriter json(body);
  json.begin_object().field("to", to).field("message", text).end_object();
  return fmt::format("{} '{}/send' -d @- <<'RR'\n{}\nRR", authorized_curl(place),
                     channel_url(place), body);
}

std::string leave_command(const Place& place) {
  return fmt::format("{0} -d '' '{1}/leave'; rm -f {2} {2}.*", authorized_curl(place),
                     channel_url(place), state_file(place));
}

// In parentheses, so that it can be pasted into a shell that is to live on. An answer without
// messages is followed by a pause: where two loops share one session each ends the other's poll. A
// join that is refused for good ends it: a key that was revoked will not come back.
std::string listen_loop(const Place& place) {
  const Document document = join_document(place);
  return fmt::format(
      R"bash((
# Joins {0} as {1}, then prints one line of JSON per message. Ctrl-C ends it.
umask 077
U='{2}' F={3}
join() {{
  {4} >"$F"
  curl -sSK "$F" "$U/join" -d @- >"$F.join" {5}
{6}
  S=$({7} "$F.join")
  [ "$S" ] || {{
    cat "$F.join" >&2
    grep -qE '"code":"(unauthorized|not_found)"' "$F.join" && exit 1
    return 1
  }}
  printf 'header = "X-Session-Id: %s"\n' "$S" >>"$F"
}}
join || exit 1
L=
while :; do
  C=$(curl -sSK "$F" -m {8} -o "$F.in" -w '%{{http_code}}' "$U/listen?timeout={9}${{L:+&since=$L}}")
  case $C in
    200)
      awk '{{ gsub(/[{{]"id":/, "\n&") }} 1' "$F.in" |
        sed -n -e 's/}}\],"timed_out":.*/}}/' -e 's/}},$/}}/' \
          -e 's/"data_base64":"[^"]*"/"data_base64":"..."/g' -e '/^{{"id":/p' | tee "$F.out"
      grep -o '"gap":{{[^}}]*}}' "$F.in" >&2
      N=$(sed -n 's/^{{"id":\([0-9]*\).*/\1/p' "$F.out" | tail -n 1)
      if [ "$N" ]; then L=$N; else sleep 1; fi ;;
    400|410)
      grep -q 'The operator' "$F.in" && {{ cat "$F.in" >&2; exit 1; }}
      sleep 1; join ;;
    401|403|404) cat "$F.in" >&2; exit 1 ;;
    *) sleep 5 ;;
  esac
done
))bash",
      place.channel_id, place.callsign, channel_url(place), state_file(place), write_bearer(place),
      document.opening, document.lines, kTakeSession, kLongestListen + kGrace, kLongestListen);
}

namespace {

// Prints the lines that came since the last time. Half a line is left for the next look.
std::string inbox_reader(const Place& place, std::string_view about, std::string_view when_told) {
  return fmt::format(
      R"bash((
# {0}
umask 077
F={1} N=0
[ -s "$F.seen" ] && N=$(cat "$F.seen")
while :; do
  M=$N
  while IFS= read -r L; do printf '%s\n' "$L"; N=$((N + 1)); done \
    < <(tail -n "+$((N + 1))" "$F.inbox" 2>/dev/null)
  [ "$N" = "$M" ] || {{ echo "$N" >"$F.seen"; {2} }}
  sleep 1
done
))bash",
      about, state_file(place), when_told);
}

}  // namespace

std::string inbox_listener(const Place& place) {
  return fmt::format("(umask 077; {} | tee -a {}.inbox)", listen_loop(place), state_file(place));
}

std::string inbox_monitor(const Place& place) {
  return inbox_reader(place, "Prints what the listener has received, line by line, for ever.", "");
}

std::string inbox_doorbell(const Place& place) {
  return inbox_reader(place, "Ends when the listener has received something, and prints it.",
                      "exit 0;");
}

std::string token_test(const Place& place) {
  return fmt::format("curl -sSK - '{}/stats' {}", channel_url(place), bearer_input(place));
}

}  // namespace rogerthat::api
