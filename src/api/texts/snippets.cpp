#include "api/texts/snippets.h"

#include <fmt/format.h>

#include "base/json.h"
#include "core/limits.h"

namespace rogerthat::api {

namespace {

constexpr std::int64_t kLongestListen = core::kListenTimeoutMax / kSecond;
constexpr std::int64_t kLongestWait = core::kWaitTimeoutMax / kSecond;
constexpr std::int64_t kGrace = 30;  // seconds that an answer may be late before curl gives up

constexpr std::string_view kHubToken = "${ROGERTHAT_TOKEN:?set it to the token of this hub}";
constexpr std::string_view kKeyMark = "IDENTITY-KEY";

// The key of the caller's own identity is found by the shell: it is not known when this is printed.
bool asks_for_identity(const Place& place) {
  return place.identity_needed && place.identity_key.empty();
}

// A here-document: what opens it and its lines. A quoted delimiter needs no quoting beyond JSON's.
struct Document {
  std::string_view opening;
  std::string lines;
};

// What the shell would take for its own, within a here-document that it fills in.
std::string escape_document(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '$' || c == '`' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string quote_for_shell(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += R"('\'')";
    } else {
      out += c;
    }
  }
  return out + '\'';
}

std::string join_body(const Place& place) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  if (place.identity_key.empty()) {
    json.field("callsign", place.callsign);
  } else {
    json.field("identity_key", place.identity_key);
  }
  if (!place.owner_password.empty()) json.field("owner_password", place.owner_password);
  json.end_object();
  return body;
}

Document join_document(const Place& place) {
  if (!asks_for_identity(place)) return {"<<'RR'", join_body(place) + "\nRR"};
  Place keyed = place;
  keyed.identity_key = kKeyMark;
  std::string lines = escape_document(join_body(keyed));
  lines.replace(lines.find(kKeyMark), kKeyMark.size(), "$K");
  return {"<<RR", lines + "\nRR"};
}

std::string bearer_of(const Place& place) {
  if (place.hub_token_needed) return fmt::format("\"{}\"", kHubToken);
  return fmt::format("'{}'", place.token);
}

// printf is a builtin: what it is given shows in no process list.
std::string print_bearer(std::string_view quoted) {
  return fmt::format(R"(printf 'header = "Authorization: Bearer %s"\n' {})", quoted);
}

std::string authorized_curl(const Place& place) {
  return fmt::format("curl -sSK {}", state_file(place));
}

// The header by standard input, for commands that leave no file behind.
std::string piped_bearer(const Place& place) {
  return print_bearer(bearer_of(place)) + " | ";
}

// One file of identities a hub, whatever the channel.
std::string identity_file(std::string_view origin) {
  const std::size_t host = origin.find("://");
  std::string name(host == origin.npos ? origin : origin.substr(host + 3));
  for (char& c : name) {
    if (c == ':' || c == '/' || c == '[' || c == ']') c = '_';
  }
  return "~/.rr-identity-" + name;
}

std::string take_field(std::string_view field) {
  return fmt::format(R"sed(sed -n 's/.*"{}":"\([^"]*\)".*/\1/p')sed", field);
}

// Before a join document that asks for an identity.
std::string take_identity(const Place& place) {
  if (!asks_for_identity(place)) return {};
  return fmt::format("K=${{RR_IDENTITY_KEY:-$({} {})}}\n", take_field("identity_key"),
                     identity_file(place.origin));
}

}  // namespace

std::string create_command(std::string_view origin, bool hub_token_needed, std::string_view body) {
  if (!hub_token_needed) return fmt::format("curl -sS '{}/api/channels' -d '{}'", origin, body);
  return fmt::format("{}curl -sSK - '{}/api/channels' -d '{}'",
                     piped_bearer(Place{.hub_token_needed = true}), origin, body);
}

// Each secret is kept in a file of its own, and what is there already is not made again.
std::string identity_command(const Place& place, bool hub_token_needed) {
  const std::string file = identity_file(place.origin);
  const std::string account =
      fmt::format("curl -sS{} '{}/api/account' -d ''", hub_token_needed ? "K -" : "", place.origin);
  return fmt::format(
      R"bash(umask 077; I={0}
grep -qs session_token $I.account || {1}{2} >$I.account
grep -qs identity_key $I || {3} |
  curl -sSK - '{4}/api/account/identities' -d '' >$I
cat $I)bash",
      file, hub_token_needed ? piped_bearer(Place{.hub_token_needed = true}) : "", account,
      print_bearer(fmt::format("\"$({} $I.account)\"", take_field("session_token"))), place.origin);
}

std::string channel_url(const Place& place) {
  return fmt::format("{}/api/channels/{}", place.origin, place.channel_id);
}

std::string state_file(const Place& place) {
  return fmt::format("~/.rr-{}.{}", place.channel_id,
                     asks_for_identity(place) ? std::string_view("me") : place.callsign);
}

std::string join_command(const Place& place) {
  const Document document = join_document(place);
  return fmt::format(
      R"bash(umask 077; F={}
{}{} >$F
curl -sSK $F '{}/join' -d @- {} | tee $F.join
{}
printf 'header = "X-Session-Id: %s"\n' "$({} $F.join)" >>$F)bash",
      state_file(place), take_identity(place), print_bearer(bearer_of(place)), channel_url(place),
      document.opening, document.lines, take_field("session_id"));
}

// The token stands in the line anyway, and a line is what a harness hands to `sh -c`: a plain curl
// shows no more of it to others than that. What the shell puts in stays out of sight.
std::string join_line(const Place& place) {
  if (place.hub_token_needed) {
    return fmt::format("{}curl -sSK - '{}/join' -d {}", piped_bearer(place), channel_url(place),
                       quote_for_shell(join_body(place)));
  }
  if (!asks_for_identity(place)) {
    return fmt::format("curl -sS -H 'Authorization: Bearer {}' '{}/join' -d {}", place.token,
                       channel_url(place), quote_for_shell(join_body(place)));
  }
  Place keyed = place;
  keyed.identity_key = kKeyMark;
  std::string body = quote_for_shell(join_body(keyed));
  body.replace(body.find(kKeyMark), kKeyMark.size(),
               "'\"${RR_IDENTITY_KEY:?set it to your identity_key}\"'");
  return fmt::format("printf %s {} | curl -sS -H 'Authorization: Bearer {}' '{}/join' -d @-", body,
                     place.token, channel_url(place));
}

std::string join_by_link(const Place& place) {
  std::string key = "\\\"callsign\\\":\\\"$(get cs)\\\"";
  if (place.identity_needed) key = "\\\"identity_key\\\":\\\"$K\\\"";
  return fmt::format(
      R"bash(L='LINK'
get() {{ case $L in *[#\&]$1=*) V=${{L#*[#\&]$1=}}; printf %s "${{V%%&*}}" ;; esac; }}
{}{} |
  curl -sSK - '{}/join' -d "{{{},\"owner_password\":\"$(get p)\"}}")bash",
      take_identity(place), print_bearer("\"$(get t)\""), channel_url(place), key);
}

std::string receive_command(const Place& place, int seconds) {
  return fmt::format("{} '{}/wait?timeout={}'", authorized_curl(place), channel_url(place),
                     seconds);
}

// `-m` for connections that died without a word; errors end the wait too, so that they are seen. A
// curl that outlived its shell would take a message with it: it is looked after every second.
std::string wake_command(const Place& place) {
  return fmt::format(
      R"bash((umask 077; F={}; trap 'kill $C' 0; trap exit 1 2 15
while [ -f $F ]; do curl -sK $F -m {} '{}/wait?timeout={}' >$F.in & C=$!
while kill -0 $C; do kill -0 $$ || exit; sleep 1; done
grep -E '"(id|error|superseded)":' $F.in && exit; sleep 4; done
echo 'Join again.') 2>/dev/null)bash",
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

namespace {

// Where a listener leaves what it has received, and from where it goes on when it starts again.
struct ListenerOutput {
  std::string_view resume;
  std::string_view write;
};
constexpr ListenerOutput kToOutput{"", R"(cat "$F.out")"};
constexpr ListenerOutput kToInbox{
    R"(tail -n 1 "$F.inbox" 2>/dev/null | sed -n 's/^{"id":\([0-9]*\).*/\1/p')",
    R"(tee -a "$F.inbox" <"$F.out")"};

// In parentheses, so that it can be pasted into a shell that is to live on, and with an eye on that
// shell: it ends when the shell does. What it has written is confirmed by the next call, and only
// then; the key file goes with it, where no other listener has made its own. A session that was
// idle while the hub or this machine was away is joined again; one that was left, ended or taken
// over is not, nor is a join that was refused for good.
std::string print_listener(const Place& place, const ListenerOutput& output) {
  const Document document = join_document(place);
  return fmt::format(
      R"bash((
# Joins {0} and prints one line of JSON per message. Ends with its session, its key file or its shell.
umask 077
U='{1}' F={2}
P=$(exec sh -c 'echo $PPID') C= W=
trap 'kill $C $W 2>/dev/null; if [ -f "$F" ]; then grep -qx "# $P" "$F"; fi && rm -f "$F" "$F.join" "$F.in" "$F.out" "$F.code"' 0
trap 'exit 1' 1 2 15
(while kill -0 $$; do sleep 1; done; kill "$P") >/dev/null 2>&1 & W=$!
end() {{ printf 'This listener has ended. %s\n' "$1" >&2; exit 1; }}
rest() {{ sleep "$1" & C=$!; wait $C; C=; }}
join() {{
  {3}{{ echo "# $P"; {4}; }} >"$F"
  curl -sSK "$F" "$U/join" -d @- >"$F.join" {5}
{6}
  S=$({7} "$F.join")
  [ "$S" ] || {{
    cat "$F.join" >&2
    grep -qE '"code":"(unauthorized|not_found|invalid)"' "$F.join" && end 'Joining was refused.'
    return 1
  }}
  printf 'header = "X-Session-Id: %s"\n' "$S" >>"$F"
}}
join || end 'Joining failed.'
L=$({8})
while [ -f "$F" ]; do
  curl -sSK "$F" -m {9} -o "$F.in" -w '%{{http_code}}' "$U/listen?timeout={10}${{L:+&since=$L}}" >"$F.code" & C=$!
  wait $C; C=
  case $(cat "$F.code") in
    200)
      awk '{{ gsub(/[{{]"id":/, "\n&") }} 1' "$F.in" |
        sed -n -e 's/}}\],"timed_out":.*/}}/' -e 's/}},$/}}/' \
          -e 's/"data_base64":"[^"]*"/"data_base64":"..."/g' -e '/^{{"id":/p' >"$F.out"
      {11} || end 'Its output cannot be written.'
      grep -o '"gap":{{[^}}]*}}' "$F.in" >&2
      grep -q '"superseded":true' "$F.in" && end 'Another reader has taken its place.'
      N=$(sed -n 's/^{{"id":\([0-9]*\).*/\1/p' "$F.out" | tail -n 1)
      if [ "$N" ]; then L=$N; else rest 1; fi ;;
    400|410)
      grep -qe 'has left' -e 'The operator' "$F.in" && end "$(cat "$F.in")"
      rest 1; [ -f "$F" ] && join ;;
    401|403|404) end "$(cat "$F.in")" ;;
    *) rest 5 ;;
  esac
done
end 'Its key file is gone.'
))bash",
      place.channel_id, channel_url(place), state_file(place), take_identity(place),
      print_bearer(bearer_of(place)), document.opening, document.lines, take_field("session_id"),
      output.resume, kLongestListen + kGrace, kLongestListen, output.write);
}

// Prints the lines that came since the last time; half a line is left for the next look. It lives
// by the shell that it was started in and by the listener, whose key file may be a moment late.
std::string inbox_reader(const Place& place, std::string_view about, std::string_view when_told) {
  return fmt::format(
      R"bash((
# {0}
umask 077
F={1} N=0 T=0
[ -s "$F.seen" ] && N=$(cat "$F.seen")
while kill -0 $$ 2>/dev/null; do
  M=$(($(cat "$F.inbox" 2>/dev/null | wc -l)))
  if [ $M -gt $N ]; then
    sed -n "$((N + 1)),${{M}}p" "$F.inbox" || exit
    N=$M; echo $N >"$F.seen"; {2}
  fi
  if [ -f "$F" ]; then T=0; else T=$((T + 1)); fi
  [ $T -lt 10 ] || {{ echo 'The listener has ended: start it again.' >&2; exit 1; }}
  sleep 1
done
))bash",
      about, state_file(place), when_told);
}

}  // namespace

std::string listen_loop(const Place& place) {
  return print_listener(place, kToOutput);
}

std::string inbox_listener(const Place& place) {
  return print_listener(place, kToInbox);
}

std::string inbox_monitor(const Place& place) {
  return inbox_reader(place, "Prints what the listener has received, line by line, while it runs.",
                      "");
}

std::string inbox_doorbell(const Place& place) {
  return inbox_reader(place, "Ends when the listener has received something, and prints it.",
                      "exit 0");
}

std::string token_test(const Place& place) {
  return fmt::format("{}curl -sSK - '{}/stats'", piped_bearer(place), channel_url(place));
}

}  // namespace rogerthat::api
