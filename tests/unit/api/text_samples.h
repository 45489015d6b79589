// A site, a channel and a bash for the tests of what the api room prints.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/http/site.h"
#include "api/texts/connect.h"
#include "base/json.h"

namespace rogerthat::api {

struct Sample {
  Site site;
  std::string origin = "http://127.0.0.1:7424";
  core::ChannelOptions options;
  std::string owner_password;

  Sample() {
    site.version = "1.2.3";
    site.homepage.clear();
  }
  View view(std::string_view edition = {}) const {
    return View{site, origin, core::parse_edition(edition).value_or(core::Edition{})};
  }
  ChannelFacts channel() const {
    return {.channel_id = "swift-otter-1a2b",
            .token = "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE",
            .options = options,
            .owner_password = owner_password,
            .peer_callsign = "amber-heron"};
  }
};

inline bool is_json(const std::string& text) {
  return JsonDocument::parse(text).has_value();
}

// What stands between ```bash and ``` in a text.
inline std::vector<std::string> bash_blocks(const std::string& text) {
  std::vector<std::string> blocks;
  const std::string open = "```bash\n";
  for (std::size_t at = text.find(open); at != text.npos; at = text.find(open, at)) {
    at += open.size();
    const std::size_t end = text.find("\n```\n", at);
    blocks.push_back(text.substr(at, end - at));
    at = end;
  }
  return blocks;
}

struct BashRun {
  int exit_code = -1;
  std::string output;  // of both streams
};

// Runs a script in a home directory of its own, which is gone afterwards.
class Bash {
 public:
  Bash() {
    char name[] = "/tmp/rogerthat-bash-XXXXXX";
    home_ = ::mkdtemp(name);
  }
  ~Bash() { std::filesystem::remove_all(home_); }
  Bash(const Bash&) = delete;
  Bash& operator=(const Bash&) = delete;

  BashRun run(const std::string& script, const std::string& shell = "bash") const {
    std::ofstream(home_ / "script") << script;
    const std::string command =
        "cd '" + home_.string() + "' && HOME='" + home_.string() + "' " + shell + " script 2>&1";
    BashRun result;
    FILE* const pipe = ::popen(command.c_str(), "r");
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
      result.output.append(buffer, n);
    }
    const int status = ::pclose(pipe);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
  }

  std::string file(const std::string& name) const {
    std::ifstream in(home_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool exists(const std::string& name) const { return std::filesystem::exists(home_ / name); }
  std::filesystem::perms permissions(const std::string& name) const {
    return std::filesystem::status(home_ / name).permissions();
  }

 private:
  std::filesystem::path home_;
};

// For bash, and for any shell of POSIX.
inline void expect_valid_shell(std::string script) {
  for (const char* shell : {"bash -n", "sh -n"}) {
    const BashRun run = Bash().run(script, shell);
    EXPECT_EQ(run.exit_code, 0) << shell << '\n' << script << '\n' << run.output;
  }
  EXPECT_EQ(script.find("<<<"), script.npos) << "only bash knows it: " << script;
  EXPECT_EQ(script.find("{{"), script.npos) << script;
  for (std::size_t at; (at = script.find("$!")) != script.npos;) script.erase(at, 2);
  EXPECT_EQ(script.find('!'), script.npos) << "an interactive bash expands it: " << script;
  EXPECT_EQ(script.find('\t'), script.npos) << "an interactive bash completes on it: " << script;
}

}  // namespace rogerthat::api
