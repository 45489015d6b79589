// Shell commands for one callsign on one channel, for bash and curl alone. Lives here: the
// commands. Which of them a reader is shown, and what is said about them, is not known here.
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
  bool identity_needed = false;          // ... and the join reads it from $RR_IDENTITY_KEY
  bool hub_token_needed = false;         // the token is in $ROGERTHAT_TOKEN instead
};

// Creates a channel with the defaults, or as the JSON body says.
std::string create_command(std::string_view origin, bool hub_token_needed,
                           std::string_view body = "{}");

std::string channel_url(const Place& place);
std::string state_file(const Place& place);  // "~/.rr-<channel>.<callsign>"

std::string join_command(const Place& place);  // writes the state file, shows the answer
std::string join_line(const Place& place);     // the same request on one line, no state file
std::string receive_command(const Place& place, int seconds);
std::string wake_command(const Place& place);  // ends when a message (or an error) has come
std::string stream_command(const Place& place);
std::string send_command(const Place& place, std::string_view to, std::string_view text);
std::string leave_command(const Place& place);
std::string listen_loop(const Place& place);  // joins, prints one JSON line a message, for ever
// For one who is away between turns: the loop as a background process that fills a file, and two
// ways to be told of what is new in it. Both forget nothing over their own ends.
std::string inbox_listener(const Place& place);
std::string inbox_monitor(const Place& place);   // prints line after line, for ever
std::string inbox_doorbell(const Place& place);  // ... and ends as soon as there were some
std::string token_test(const Place& place);      // proves origin, channel and token; joins nothing

}  // namespace rogerthat::api
