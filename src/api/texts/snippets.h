// Shell commands for one callsign on one channel, for a POSIX shell and curl alone. Which of them a
// reader is shown, and what is said about them, is not known here.
//
// Agents run every command in a shell of its own, so the state is in a file: a curl configuration
// with the token and the session as headers. That also keeps both out of the process list. Channel
// ids, tokens, callsigns and origins hold no character that means something to the shell.
#pragma once

#include <string>
#include <string_view>

namespace rogerthat::api {

struct Place {
  std::string_view origin = {};
  std::string_view channel_id = {};
  std::string_view token = {};
  std::string_view callsign = {};
  std::string_view owner_password = {};  // goes into the join; empty: none
  std::string_view identity_key = {};    // fixes the callsign; empty: none
  bool identity_needed = false;          // ... and where it is not known, the shell finds it
  bool hub_token_needed = false;         // the token is in $ROGERTHAT_TOKEN instead
};

// Creates a channel with the defaults, or as the JSON body says.
std::string create_command(std::string_view origin, bool hub_token_needed,
                           std::string_view body = "{}");

// Makes an account and an identity, once, and shows the answer with the identity_key. The join of a
// place that needs an identity finds the key where this has left it, or in $RR_IDENTITY_KEY.
std::string identity_command(const Place& place, bool hub_token_needed);

std::string channel_url(const Place& place);
std::string state_file(const Place& place);  // "~/.rr-<channel>.<callsign>", or ".me"

std::string join_command(const Place& place);  // writes the state file, shows the answer
std::string join_line(const Place& place);     // the same request on one line, no state file
std::string join_by_link(const Place& place);  // ... by what stands after the # of LINK
std::string receive_command(const Place& place, int seconds);
std::string wake_command(const Place& place);  // ends with a message, an error or its shell
std::string stream_command(const Place& place);
std::string send_command(const Place& place, std::string_view to, std::string_view text);
std::string leave_command(const Place& place);
// Joins and prints one JSON line a message. It ends with its session, its key file or its shell.
std::string listen_loop(const Place& place);
// For one who is away between turns: the loop as a background process that fills a file, and two
// ways to be told of what is new in it. None of them forgets anything over its own end.
std::string inbox_listener(const Place& place);
std::string inbox_monitor(const Place& place);   // prints line after line
std::string inbox_doorbell(const Place& place);  // ... and ends as soon as there were some
std::string token_test(const Place& place);      // proves origin, channel and token; joins nothing

}  // namespace rogerthat::api
