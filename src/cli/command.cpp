#include "cli/command.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/version.h"
#include "bridge/bridge.h"
#include "cli/mcp_options.h"
#include "cli/nearest.h"
#include "cli/options_text.h"
#include "cli/serve.h"
#include "cli/serve_options.h"

namespace rogerthat::cli {

namespace {

using Arguments = std::vector<std::string>;

// A verb: what it does with its arguments, and the options that it has.
struct Verb {
  std::string_view name;
  std::string_view summary;
  int (*run)(std::span<std::string> arguments, std::span<std::string> environment);
  OptionsPage (*page)() = nullptr;  // none: it has no options
};

int run_serve(std::span<std::string> arguments, std::span<std::string> environment);
int run_mcp(std::span<std::string> arguments, std::span<std::string> environment);
int run_version(std::span<std::string> arguments, std::span<std::string> environment);
int run_help(std::span<std::string> arguments, std::span<std::string> environment);

constexpr Verb kVerbs[] = {
    {"serve", "run the hub (what happens without a verb)", run_serve, serve_page},
    {"mcp", "the hub as an MCP server over standard input and output", run_mcp, mcp_page},
    {"version", "print the version", run_version},
    {"help", "this text, or the options of a verb: help serve", run_help},
};
constexpr const Verb& kWithoutVerb = kVerbs[0];

const Verb* find_verb(std::string_view name) {
  const auto* const found = std::ranges::find(kVerbs, name, &Verb::name);
  return found == std::end(kVerbs) ? nullptr : found;
}

OptionRows rows_of_all_verbs() {
  OptionRows all;
  for (const Verb& verb : kVerbs) {
    if (verb.page != nullptr) std::ranges::copy(verb.page().rows, std::back_inserter(all));
  }
  return all;
}

// --- What is said.

int print(std::string_view text) {
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written ? kSuccess : kFailure;
}

int refuse(std::string_view sentence, std::string_view help_command) {
  fmt::print(stderr, "rogerthat: {}\nSee {}.\n", sentence, help_command);
  return kWrongUsage;
}

int refuse_verb(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Verb& verb : kVerbs) names.push_back(verb.name);
  const std::string_view nearest = nearest_name(name, names);
  std::string sentence = fmt::format("unknown verb \"{}\"", name);
  if (!nearest.empty()) sentence += fmt::format("; did you mean {}?", nearest);
  return refuse(sentence, "rogerthat help");
}

std::string help_of_all() {
  std::string out =
      "rogerthat - a hub through which AI agents talk\n"
      "\n"
      "Usage: rogerthat [verb] [options]\n"
      "\n";
  for (const Verb& verb : kVerbs) {
    fmt::format_to(std::back_inserter(out), "  {:<12}  {}\n", verb.name, verb.summary);
  }
  out +=
      "\n"
      "  --help, -h    the same as help; after a verb, its options\n"
      "  --version     the same as version\n"
      "\n"
      "rogerthat alone serves on http://127.0.0.1:7424 and keeps its data in ~/.rogerthat.\n";
  return out;
}

std::string markdown_of_all() {
  std::vector<OptionsPage> pages;
  for (const Verb& verb : kVerbs) {
    if (verb.page != nullptr) pages.push_back(verb.page());
  }
  return options_markdown(pages);
}

bool wants_help(std::span<const std::string> arguments) {
  return std::ranges::any_of(arguments,
                             [](const std::string& a) { return a == "--help" || a == "-h"; });
}

// --- The verbs.

int run_serve(std::span<std::string> arguments, std::span<std::string> environment) {
  auto read = read_serve_options(arguments, environment);
  if (!read) return refuse(read.error(), "rogerthat help serve");
  if (read->settings.print_config) return print(printed_config(serve_rows(), read->given));
  forget_secrets(serve_rows(), arguments, environment, read->given);
  return serve(read->settings);
}

int run_mcp(std::span<std::string> arguments, std::span<std::string> environment) {
  auto read = read_mcp_options(arguments, environment);
  if (!read) return refuse(read.error(), "rogerthat help mcp");
  forget_secrets(mcp_rows(), arguments, environment, read->given);
  return bridge::run(read->settings);
}

int run_version(std::span<std::string>, std::span<std::string>) {
  return print(fmt::format("rogerthat {}\n", version()));
}

int run_help(std::span<std::string> arguments, std::span<std::string>) {
  if (arguments.empty()) return print(help_of_all());
  if (arguments.front() == "--markdown") return print(markdown_of_all());
  const Verb* const verb = find_verb(arguments.front());
  if (verb == nullptr) return refuse_verb(arguments.front());
  return print(verb->page == nullptr ? help_of_all() : help_text(verb->page()));
}

// What the list of processes shows stays for as long as the process lives.
void hide(char* text) {
  std::memset(text, '*', std::strlen(text));
}

// Of all verbs: one environment is for all.
void hide_environment() {
  for (const std::string& name : names_of_secrets(rows_of_all_verbs())) {
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
      if (is_variable(*variable, name)) hide(*variable + name.size() + 1);
    }
  }
}

int run_verb(const Verb& verb, std::span<std::string> arguments) {
  if (wants_help(arguments)) {
    return print(verb.page == nullptr ? help_of_all() : help_text(verb.page()));
  }
  Arguments environment;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  hide_environment();
  if (verb.page != nullptr) {
    // One environment is for all verbs: a name is a slip only where none of them knows it.
    if (const Problem problem = find_unknown_variable(environment, rows_of_all_verbs())) {
      return refuse(*problem, fmt::format("rogerthat help {}", verb.name));
    }
  }
  return verb.run(arguments, environment);
}

}  // namespace

int run(int argc, char** argv) {
  Arguments all(argv + std::min(argc, 1), argv + argc);
  const std::string_view first = all.empty() ? std::string_view() : all.front();
  const Verb* const named = find_verb(first);
  const Verb& verb = named != nullptr ? *named : kWithoutVerb;
  const OptionRows rows = verb.page == nullptr ? OptionRows() : verb.page().rows;
  for (const SecretArgument& secret : find_secrets(rows, all)) {
    hide(argv[secret.argument + 1] + secret.offset);
  }
  if (first == "--version") return run_version({}, {});
  if (first == "--help" || first == "-h") return print(help_of_all());
  if (named == nullptr && !first.empty() && !first.starts_with('-')) return refuse_verb(first);
  return run_verb(verb, std::span(all).subspan(named == nullptr ? 0 : 1));
}

}  // namespace rogerthat::cli
