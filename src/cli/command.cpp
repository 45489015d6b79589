#include "cli/command.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/version.h"
#include "bridge/bridge.h"
#include "cli/bridge_options.h"
#include "cli/nearest.h"
#include "cli/options.h"
#include "cli/options_text.h"
#include "cli/serve.h"

namespace rogerthat::cli {

namespace {

using Arguments = std::vector<std::string>;

constexpr std::string_view kVerbs[] = {"serve", "mcp", "help"};

constexpr std::string_view kHelp =
    "rogerthat - a hub through which AI agents talk\n"
    "\n"
    "Usage: rogerthat [verb] [options]\n"
    "\n"
    "  serve         run the hub (what happens without a verb)\n"
    "  mcp           the hub as an MCP server over standard input and output\n"
    "  help [verb]   this text, or the options of a verb\n"
    "\n"
    "  --help, -h    the same as help\n"
    "  --version     print the version\n"
    "\n"
    "rogerthat alone serves on http://127.0.0.1:7424 and keeps its data in ~/.rogerthat.\n";

int print(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? kSuccess : kFailure;
}

int refuse(std::string_view sentence, std::string_view help_command) {
  fmt::print(stderr, "rogerthat: {}\nSee {}.\n", sentence, help_command);
  return kWrongUsage;
}

int refuse_verb(std::string_view verb) {
  const std::string_view nearest = nearest_name(verb, kVerbs);
  std::string sentence = fmt::format("unknown verb \"{}\"", verb);
  if (!nearest.empty()) sentence += fmt::format("; did you mean {}?", nearest);
  return refuse(sentence, "rogerthat help");
}

Arguments read_environment() {
  Arguments all;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    all.emplace_back(*variable);
  }
  return all;
}

bool wants_help(const Arguments& arguments) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [](const std::string& a) { return a == "--help" || a == "-h"; });
}

int run_help(const Arguments& arguments) {
  if (arguments.empty()) return print(kHelp);
  const std::string& verb = arguments.front();
  if (verb == "help") return print(kHelp);
  if (verb == "mcp") return print(bridge_help());
  if (verb != "serve") return refuse_verb(verb);
  const bool markdown = arguments.size() > 1 && arguments[1] == "--markdown";
  return print(markdown ? options_markdown() : serve_help());
}

int run_serve(const Arguments& arguments) {
  if (wants_help(arguments)) return print(serve_help());
  const auto read = read_options(arguments, read_environment());
  if (!read) return refuse(read.error(), "rogerthat help serve");
  if (read->settings.print_config) return print(printed_config(*read));
  return serve(read->settings);
}

int run_mcp(const Arguments& arguments) {
  if (wants_help(arguments)) return print(bridge_help());
  const auto settings = read_bridge_options(arguments, read_environment());
  if (!settings) return refuse(settings.error(), "rogerthat help mcp");
  return bridge::run(*settings);
}

// What `ps` must not show.
std::vector<SecretArgument> find_secrets(const Arguments& all) {
  return !all.empty() && all.front() == "mcp" ? find_bridge_secrets(all)
                                              : find_secret_arguments(all);
}

}  // namespace

int run(int argc, char** argv) {
  const Arguments all(argv + std::min(argc, 1), argv + argc);
  for (const SecretArgument& secret : find_secrets(all)) {
    char* const text = argv[secret.argument + 1] + secret.offset;
    std::memset(text, '*', std::strlen(text));
  }
  if (all.empty()) return run_serve({});
  const std::string& first = all.front();
  if (first == "--version") return print(fmt::format("rogerthat {}\n", version()));
  if (first == "--help" || first == "-h") return print(kHelp);
  if (first.starts_with('-')) return run_serve(all);
  const Arguments rest(all.begin() + 1, all.end());
  if (first == "help") return run_help(rest);
  if (first == "serve") return run_serve(rest);
  if (first == "mcp") return run_mcp(rest);
  return refuse_verb(first);
}

}  // namespace rogerthat::cli
