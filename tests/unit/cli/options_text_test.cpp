#include "cli/options_text.h"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "cli/mcp_options.h"
#include "cli/serve_options.h"

namespace rogerthat::cli {
namespace {

using List = std::vector<std::string>;

std::string print_config(const List& arguments, const List& environment = {"HOME=/h"}) {
  const auto options = read_serve_options(arguments, environment);
  return options ? printed_config(serve_rows(), options->given) : options.error();
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(PrintedConfig, says_where_each_value_comes_from) {
  const std::string text = print_config({"--port", "81"}, {"HOME=/h", "ROGERTHAT_HOST=::1"});
  EXPECT_TRUE(holds(text, "\nport = 81  # flag\n")) << text;
  EXPECT_TRUE(holds(text, "\nhost = \"::1\"  # environment\n")) << text;
  EXPECT_TRUE(holds(text, "\nring-bytes = \"8MiB\"  # default\n")) << text;
  EXPECT_TRUE(holds(text, "\n# origin is not set\n")) << text;
}

TEST(PrintedConfig, shows_no_secret) {
  const std::string text =
      print_config({"--token", "hush-hush"}, {"HOME=/h", "ROGERTHAT_ADMIN_TOKEN=shh-shh"});
  EXPECT_FALSE(holds(text, "hush-hush")) << text;
  EXPECT_FALSE(holds(text, "shh-shh")) << text;
  EXPECT_TRUE(holds(text, "\n# token is set (flag)\n")) << text;
  EXPECT_TRUE(holds(text, "\n# admin-token is set (environment)\n")) << text;
  EXPECT_TRUE(holds(print_config({}), "\n# token is not set\n"));
}

TEST(PrintedConfig, is_a_configuration_file_that_gives_the_same) {
  const std::string first = print_config(
      {"--port=81", "--insecure-open=yes", "--trusted-proxy=none", "--allowed-host=a.example",
       "--allowed-host=b.example", "--operator-contact=\"Ops\" <ops@hub.example>"});
  std::string path = "/tmp/rogerthat-config-XXXXXX";
  close(mkstemp(path.data()));
  std::ofstream(path) << first;
  const std::string second = print_config({"--config", path});
  std::remove(path.c_str());

  const auto without_sources = [](const std::string& text) {
    std::istringstream in(text);
    std::string out;
    for (std::string line; std::getline(in, line);) out += line.substr(0, line.find("  # ")) + "\n";
    return out;
  };
  EXPECT_EQ(without_sources(first), without_sources(second));
}

TEST(Help, names_every_option_and_fits_the_terminal) {
  for (const OptionsPage& page : {serve_page(), mcp_page()}) {
    const std::string help = help_text(page);
    for (const OptionInfo* option : page.rows) {
      const std::string name =
          option->traits.as_flag ? "--" + std::string(option->name) : "  " + env_name(*option);
      EXPECT_TRUE(holds(help, name)) << name;
    }
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(Help, names_a_variable_that_the_flag_does_not_tell) {
  const std::string help = help_text(mcp_page());
  EXPECT_TRUE(holds(help, "(ROGERTHAT_CHANNEL_TOKEN)")) << help;
  EXPECT_FALSE(holds(help, "(ROGERTHAT_CALLSIGN)")) << help;
}

TEST(OptionsPage, docs_options_md_is_what_the_tables_say) {
  std::ifstream file(ROGERTHAT_SOURCE_DIR "/docs/options.md");
  std::ostringstream page;
  page << file.rdbuf();
  const OptionsPage pages[] = {serve_page(), mcp_page()};
  EXPECT_EQ(page.str(), options_markdown(pages))
      << "run: rogerthat help --markdown > docs/options.md";
}

}  // namespace
}  // namespace rogerthat::cli
