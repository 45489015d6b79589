#include "cli/command.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace rogerthat::cli {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
  std::vector<std::string> arguments;  // as a process list shows them afterwards
};

Outcome run_command(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code = run(static_cast<int>(arguments.size()), argv.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  outcome.arguments = std::move(arguments);
  return outcome;
}

TEST(Command, version_is_one_line) {
  const Outcome outcome = run_command({"rogerthat", "--version"});
  EXPECT_EQ(outcome.code, kSuccess);
  EXPECT_TRUE(outcome.out.starts_with("rogerthat ")) << outcome.out;
  EXPECT_EQ(outcome.out.find('\n'), outcome.out.size() - 1);
}

TEST(Command, version_is_a_verb_too) {
  const Outcome outcome = run_command({"rogerthat", "version"});
  EXPECT_EQ(outcome.code, kSuccess);
  EXPECT_EQ(outcome.out, run_command({"rogerthat", "--version"}).out);
}

TEST(Command, help_names_every_verb) {
  const std::string help = run_command({"rogerthat", "help"}).out;
  for (const char* verb : {"serve", "mcp", "version", "help"}) {
    EXPECT_NE(help.find("\n  " + std::string(verb) + " "), std::string::npos) << verb;
  }
}

TEST(Command, the_page_of_options_is_printed_for_all_verbs) {
  const std::string page = run_command({"rogerthat", "help", "--markdown"}).out;
  for (const char* part : {"## rogerthat serve\n", "## rogerthat mcp\n", "`--data-dir DIR`",
                           "`ROGERTHAT_CHANNEL_TOKEN`"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
}

TEST(Command, help_is_found_in_every_way_that_people_try) {
  const std::string all = run_command({"rogerthat", "help"}).out;
  EXPECT_NE(all.find("serve"), std::string::npos);
  EXPECT_EQ(run_command({"rogerthat", "--help"}).out, all);
  EXPECT_EQ(run_command({"rogerthat", "-h"}).out, all);
  const std::string serve = run_command({"rogerthat", "help", "serve"}).out;
  EXPECT_NE(serve.find("--port"), std::string::npos);
  EXPECT_EQ(run_command({"rogerthat", "serve", "--help"}).out, serve);
  EXPECT_EQ(run_command({"rogerthat", "serve", "--port", "1", "-h"}).out, serve);
}

TEST(Command, an_unknown_verb_is_wrong_usage_and_names_the_nearest) {
  const Outcome outcome = run_command({"rogerthat", "srve"});
  EXPECT_EQ(outcome.code, kWrongUsage);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("did you mean serve?"), std::string::npos) << outcome.err;
  EXPECT_NE(run_command({"rogerthat", "vresion"}).err.find("did you mean version?"),
            std::string::npos);
  EXPECT_NE(run_command({"rogerthat", "help", "mpc"}).err.find("did you mean mcp?"),
            std::string::npos);
}

TEST(Command, a_variable_of_our_prefix_that_no_verb_knows_is_refused_by_each) {
  setenv("ROGERTHAT_CHANEL", "x", 1);
  for (const char* verb : {"serve", "mcp"}) {
    const Outcome outcome = run_command({"rogerthat", verb});
    EXPECT_EQ(outcome.code, kWrongUsage);
    EXPECT_NE(outcome.err.find("did you mean ROGERTHAT_CHANNEL?"), std::string::npos);
  }
  unsetenv("ROGERTHAT_CHANEL");
}

TEST(Command, a_wrong_option_is_wrong_usage_with_or_without_the_verb) {
  EXPECT_EQ(run_command({"rogerthat", "serve", "--port", "x"}).code, kWrongUsage);
  EXPECT_EQ(run_command({"rogerthat", "--port", "x"}).code, kWrongUsage);
}

TEST(Command, secrets_leave_the_process_list) {
  const Outcome outcome = run_command(
      {"rogerthat", "serve", "--token", "hush-hush", "--admin-token=shh", "--print-config"});
  EXPECT_EQ(outcome.code, kSuccess) << outcome.err;
  EXPECT_EQ(outcome.arguments[3], "*********");
  EXPECT_EQ(outcome.arguments[4], "--admin-token=***");
  EXPECT_EQ(outcome.out.find("hush"), std::string::npos);
  EXPECT_NE(outcome.out.find("# token is set (flag)"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace rogerthat::cli
