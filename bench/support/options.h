// The flags of the load generator. Lives here: one table of flags, parsing, usage.
#pragma once

#include <string>
#include <vector>

namespace rogerthat::bench {

struct Options {
  std::string scenario;
  std::string peer = "rogerthat";
  int port = 0;
  int server_pid = 0;
  int server_core = 0;  // watched for foreign load, and where `start` and `recovery` pin
  double seconds = 5;   // of measuring
  double warmup_seconds = 1;
  double rate = 0;                   // sends per second; 0 = as fast as answers come
  int connections = 64;              // of senders
  int channels = 0;                  // 0: what the scenario is defined with
  int count = 0;                     // readers, parked requests, messages; 0: the scenario's own
  int text_bytes = 100;              // of each message's text
  int runs = 0;                      // repetitions inside the scenario; 0: the scenario's own
  std::string kind = "poll";         // of what is parked: poll, stream, legacy, modern
  std::vector<std::string> command;  // after `--`: the server that the scenario starts itself
};

// Throws Failure with a sentence that names the flag.
Options parse_options(int argc, char** argv);

std::string usage();

}  // namespace rogerthat::bench
