#include "cli/serve_options.h"

#include <cstdio>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace rogerthat::cli {
namespace {

using List = std::vector<std::string>;

// A file that is gone when the test ends.
class TempFile {
 public:
  explicit TempFile(std::string_view text) {
    const int fd = mkstemp(path_.data());
    EXPECT_GE(fd, 0);
    close(fd);
    std::ofstream(path_) << text;
  }
  ~TempFile() { std::remove(path_.c_str()); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/rogerthat-options-XXXXXX";
};

Settings read(const List& arguments, List environment = {}) {
  environment.push_back("HOME=/home/someone");
  auto options = read_serve_options(arguments, environment);
  EXPECT_TRUE(options.has_value()) << options.error();
  return options ? std::move(options->settings) : Settings{};
}

std::string refusal(const List& arguments, List environment = {}) {
  environment.push_back("HOME=/home/someone");
  const auto options = read_serve_options(arguments, environment);
  return options ? "(accepted)" : options.error();
}

bool is(const std::optional<HashedSecret>& kept, std::string_view secret) {
  return kept && kept->hash == sha256(secret) && kept->characters == secret.size();
}

// --- Defaults.

TEST(Options, defaults_are_a_hub_on_loopback) {
  const Settings s = read({});
  EXPECT_EQ(s.http.host, "127.0.0.1");
  EXPECT_EQ(s.http.port, 7424);
  EXPECT_EQ(s.data_dir, "/home/someone/.rogerthat");
  EXPECT_FALSE(s.token);
  EXPECT_EQ(s.transcript_bytes, 1ull << 30);
  EXPECT_EQ(s.drain_time, 10 * kSecond);
  EXPECT_EQ(s.http.trusted_proxies.size(), 2u);
}

TEST(Options, defaults_of_the_table_are_those_of_the_rooms) {
  const Settings s = read({});
  const net::ServerOptions http;
  EXPECT_EQ(s.http.port, http.port);
  EXPECT_EQ(s.http.header_bytes_max, http.header_bytes_max);
  EXPECT_EQ(s.http.header_time_max, http.header_time_max);
  EXPECT_EQ(s.http.body_time_max, http.body_time_max);
  EXPECT_EQ(s.http.idle_time_max, http.idle_time_max);
  EXPECT_EQ(s.http.write_stall_max, http.write_stall_max);
  EXPECT_EQ(s.http.connections_max, http.connections_max);
  EXPECT_EQ(s.http.connections_per_address_max, http.connections_per_address_max);
  EXPECT_EQ(s.http.requests_per_connection_max, http.requests_per_connection_max);
  const hub::HubOptions hub;
  EXPECT_EQ(s.hub.ring_bytes, hub.ring_bytes);
  EXPECT_EQ(s.hub.channels_max, hub.channels_max);
  EXPECT_EQ(s.hub.stream_backlog_bytes_max, hub.stream_backlog_bytes_max);
  EXPECT_EQ(s.hub.idle_joined, hub.idle_joined);
  EXPECT_EQ(s.hub.idle_never_joined, hub.idle_never_joined);
  EXPECT_EQ(s.hub.limits.per_minute, hub.limits.per_minute);
  EXPECT_EQ(s.hub.limits.loopback_too, hub.limits.loopback_too);
  EXPECT_EQ(s.hub.limits.addresses_max, hub.limits.addresses_max);
}

TEST(Options, names_are_unique_and_explained) {
  std::set<std::string_view> names;
  for (const OptionInfo* option : serve_rows()) {
    EXPECT_TRUE(names.insert(option->name).second) << option->name;
    EXPECT_TRUE(option->help.ends_with('.')) << option->name;
    EXPECT_EQ(option->placeholder.empty(), option->kind == OptionKind::flag) << option->name;
  }
}

// --- Precedence.

TEST(Options, a_flag_wins_over_the_environment_and_that_over_the_file) {
  const TempFile file("port = 1001\nhost = \"localhost\"\n");
  const List config = {"--config", file.path()};
  EXPECT_EQ(read(config).http.port, 1001);
  EXPECT_EQ(read(config, {"ROGERTHAT_PORT=1002"}).http.port, 1002);
  EXPECT_EQ(read({"--config", file.path(), "--port", "1003"}, {"ROGERTHAT_PORT=1002"}).http.port,
            1003);
  EXPECT_EQ(read(config, {"ROGERTHAT_PORT=1002"}).http.host, "localhost");
}

TEST(Options, the_environment_can_name_the_file) {
  const TempFile file("port = 1001\n");
  EXPECT_EQ(read({}, {"ROGERTHAT_CONFIG=" + file.path()}).http.port, 1001);
}

TEST(Options, a_value_follows_its_flag_or_an_equals_sign) {
  EXPECT_EQ(read({"--port", "1"}).http.port, 1);
  EXPECT_EQ(read({"--port=1"}).http.port, 1);
  EXPECT_TRUE(is(read({"--token=--odd--"}).token, "--odd--"));
}

TEST(Options, the_last_of_two_equal_flags_counts) {
  EXPECT_EQ(read({"--port", "1", "--port", "2"}).http.port, 2);
}

TEST(Options, an_empty_variable_counts_as_not_set) {
  EXPECT_EQ(read({}, {"ROGERTHAT_PORT="}).http.port, 7424);
}

TEST(Options, lists_repeat_and_a_stronger_source_replaces_them_as_a_whole) {
  const TempFile file("allowed-host = [\"a.example\", \"b.example\"]\n");
  EXPECT_EQ(read({"--config", file.path()}).allowed_hosts, (List{"a.example", "b.example"}));
  EXPECT_EQ(read({"--config", file.path()}, {"ROGERTHAT_ALLOWED_HOST=c.example, D.example"})
                .allowed_hosts,
            (List{"c.example", "d.example"}));
  EXPECT_EQ(read({"--allowed-host", "e.example", "--allowed-host=f.example"}).allowed_hosts,
            (List{"e.example", "f.example"}));
}

TEST(Options, none_empties_a_list_that_has_a_default) {
  EXPECT_TRUE(read({"--trusted-proxy", "none"}).http.trusted_proxies.empty());
}

TEST(Options, flags_without_value_are_true) {
  EXPECT_TRUE(read({"--rate-limit-loopback"}).hub.limits.loopback_too);
  EXPECT_FALSE(read({"--rate-limit-loopback=false"}).hub.limits.loopback_too);
}

TEST(Options, the_older_name_of_the_admin_token_is_read_but_ours_wins) {
  EXPECT_TRUE(is(read({}, {"ROGERRAT_ADMIN_TOKEN=old"}).admin_token, "old"));
  EXPECT_TRUE(
      is(read({}, {"ROGERTHAT_ADMIN_TOKEN=new", "ROGERRAT_ADMIN_TOKEN=old"}).admin_token, "new"));
}

TEST(Options, data_is_another_name_for_the_data_directory) {
  const TempFile file("{}");
  EXPECT_EQ(read({"--data", "/srv/hub"}).data_dir, "/srv/hub");
  EXPECT_EQ(read({"--data=" + file.path()}).data_dir, "/tmp") << "of a file in it";
}

// --- Refusals.

TEST(Options, an_unknown_flag_is_refused_with_the_nearest_name) {
  EXPECT_EQ(refusal({"--prot", "1"}), "unknown option --prot; did you mean --port?");
  EXPECT_EQ(refusal({"--xyzzy"}), "unknown option --xyzzy");
}

TEST(Options, an_unknown_variable_of_our_prefix_is_refused) {
  const auto problem = [](const std::string& variable) {
    return find_unknown_variable(List{"HOME=/h", variable}, serve_rows()).value_or("(accepted)");
  };
  EXPECT_EQ(problem("ROGERTHAT_DATADIR=/x"),
            "the environment variable ROGERTHAT_DATADIR is no option; "
            "did you mean ROGERTHAT_DATA_DIR?");
  EXPECT_EQ(problem("ROGERTHAT_DATA_DIR=/x"), "(accepted)");
  EXPECT_EQ(problem("ROGER_PORT=nonsense"), "(accepted)");
}

TEST(Options, an_unknown_key_is_refused_with_its_place_in_the_file) {
  const TempFile file("port = 1001\n\n  data_dir = \"/x\"\n");
  EXPECT_EQ(refusal({"--config", file.path()}),
            file.path() + ":3:3: data_dir is no known key; did you mean data-dir?");
}

TEST(Options, a_broken_file_is_refused_with_the_place) {
  const TempFile file("port = 1001\nhost = \n");
  EXPECT_TRUE(refusal({"--config", file.path()}).starts_with(file.path() + ":2:"))
      << refusal({"--config", file.path()});
  EXPECT_EQ(refusal({"--config", "/nonexistent.toml"}),
            "/nonexistent.toml: cannot be read: No such file or directory");
}

TEST(Options, a_table_in_the_file_is_refused) {
  const TempFile file("[limits]\nport = 1\n");
  EXPECT_NE(refusal({"--config", file.path()}).find("limits is a table"), std::string::npos);
}

TEST(Options, a_wrong_value_is_refused_where_it_was_given) {
  const TempFile file("port = 70000\n");
  EXPECT_EQ(refusal({"--port", "abc"}), "--port must be a port from 0 to 65535, not \"abc\"");
  EXPECT_EQ(refusal({}, {"ROGERTHAT_PORT=-1"}),
            "ROGERTHAT_PORT must be a port from 0 to 65535, not \"-1\"");
  EXPECT_EQ(refusal({"--config", file.path()}),
            file.path() + ":1:1: port must be a port from 0 to 65535, not \"70000\"");
}

TEST(Options, a_missing_value_and_a_stray_word_are_refused) {
  EXPECT_EQ(refusal({"--port"}), "--port needs a value: --port PORT");
  EXPECT_EQ(refusal({"--port", "--host", "::1"}), "--port needs a value: --port PORT");
  EXPECT_EQ(refusal({"8080"}), "unexpected argument \"8080\"; options look like --host HOST");
}

TEST(Options, a_refused_secret_is_not_repeated) {
  EXPECT_EQ(refusal({"--token", "my secret"}),
            "--token must be 1 to 512 printable ASCII characters without spaces");
}

TEST(Options, certificate_and_key_belong_together) {
  EXPECT_EQ(refusal({"--tls-cert", "/c.pem"}),
            "--tls-cert and --tls-key belong together; give both or none");
}

// --- Open doors.

TEST(Options, listening_beyond_loopback_needs_a_token) {
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1", "hub.example"}) {
    const std::string sentence = refusal({"--host", host});
    EXPECT_NE(sentence.find("--token-file"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("--insecure-open"), std::string::npos) << sentence;
    EXPECT_EQ(refusal({"--host", host, "--token", "sixteen-letters!"}), "(accepted)");
    EXPECT_EQ(refusal({"--host", host, "--insecure-open"}), "(accepted)");
  }
}

TEST(Options, a_short_token_is_for_this_machine_only) {
  const std::string sentence = refusal({"--host", "0.0.0.0", "--token", "fifteen-letters"});
  EXPECT_NE(sentence.find("has only 15 characters"), std::string::npos) << sentence;
  EXPECT_NE(sentence.find("Take 16 or more"), std::string::npos) << sentence;
  EXPECT_EQ(sentence.find("fifteen-letters"), std::string::npos) << sentence;
  EXPECT_EQ(refusal({"--token", "short"}), "(accepted)");
}

TEST(Options, loopback_needs_no_token) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "::1", "localhost"}) {
    EXPECT_EQ(refusal({"--host", host}), "(accepted)") << host;
  }
}

// --- Secrets.

TEST(Options, a_token_can_come_from_a_file) {
  const TempFile secret("s3cret\n");
  EXPECT_TRUE(is(read({"--token-file", secret.path()}).token, "s3cret"));
  EXPECT_TRUE(is(read({"--admin-token-file", secret.path()}).admin_token, "s3cret"));
}

TEST(Options, a_token_file_that_others_may_read_is_refused) {
  const TempFile secret("s3cret\n");
  for (const mode_t mode : {0640, 0604, 0660}) {
    ASSERT_EQ(::chmod(secret.path().c_str(), mode), 0);
    EXPECT_EQ(refusal({"--token-file", secret.path()}),
              "--token-file: " + secret.path() +
                  " may be read by others, and it can hold secrets; run: chmod 600 " +
                  secret.path());
  }
  ASSERT_EQ(::chmod(secret.path().c_str(), 0400), 0);
  EXPECT_TRUE(is(read({"--admin-token-file", secret.path()}).admin_token, "s3cret"));
}

TEST(Options, of_secrets_no_copy_is_left) {
  List arguments = {"--token", "of-the-hub", "--port", "1", "--admin-token=of-the-operator"};
  List environment = {"HOME=/x", "ROGERTHAT_TOKEN=another", "ROGERRAT_ADMIN_TOKEN=older",
                      "ROGERTHAT_SMTP_PASSWORD=of-the-mail", "ROGERTHAT_TOKENS=no-secret"};
  std::vector<Given> given(serve_rows().size());
  for (Given& each : given) each.values = {"value"};
  forget_secrets(serve_rows(), arguments, environment, given);
  EXPECT_EQ(arguments, (List{"--token", "", "--port", "1", ""}));
  EXPECT_EQ(environment, (List{"HOME=/x", "", "", "", "ROGERTHAT_TOKENS=no-secret"}));
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i].values[0].empty(), serve_rows()[i]->traits.secret);
  }
}

TEST(Options, of_token_and_token_file_the_stronger_source_counts) {
  const TempFile secret("from-file");
  EXPECT_TRUE(
      is(read({"--token", "direct"}, {"ROGERTHAT_TOKEN_FILE=" + secret.path()}).token, "direct"));
  EXPECT_TRUE(
      is(read({"--token-file", secret.path()}, {"ROGERTHAT_TOKEN=direct"}).token, "from-file"));
  EXPECT_EQ(refusal({"--token", "direct", "--token-file", secret.path()}),
            "--token and --token-file say the same thing; give one of them");
}

TEST(Options, mail_is_set_as_a_whole) {
  const List smtp = {"--smtp", "mail.example:2525", "--smtp-from", "hub@hub.example"};
  const Settings s = read(smtp);
  EXPECT_EQ(s.smtp.host, "mail.example");
  EXPECT_EQ(s.smtp.port, 2525);
  EXPECT_EQ(s.smtp.security, net::SmtpServer::Security::starttls);
  EXPECT_NE(refusal({"--smtp", "mail.example"}).find("--smtp-from"), std::string::npos);
  EXPECT_NE(refusal({"--smtp-from", "a@b.example"}).find("no --smtp"), std::string::npos);
  List with_user = smtp;
  with_user.insert(with_user.end(), {"--smtp-user", "hub"});
  EXPECT_NE(refusal(with_user).find("ROGERTHAT_SMTP_PASSWORD"), std::string::npos);
  EXPECT_EQ(refusal(with_user, {"ROGERTHAT_SMTP_PASSWORD=a pass phrase"}), "(accepted)");
  with_user.insert(with_user.end(), {"--smtp-security", "none"});
  EXPECT_NE(refusal(with_user, {"ROGERTHAT_SMTP_PASSWORD=x"}).find("in the clear"),
            std::string::npos);
}

TEST(Options, what_would_show_in_the_list_of_processes_is_no_flag) {
  const std::string sentence = refusal({"--smtp-password", "abc"});
  EXPECT_NE(sentence.find("ROGERTHAT_SMTP_PASSWORD"), std::string::npos) << sentence;
  EXPECT_EQ(sentence.find("abc"), std::string::npos) << sentence;
}

TEST(Options, secrets_among_the_arguments_are_found) {
  const List arguments = {"serve", "--port", "1", "--token", "abc", "--admin-token=def"};
  const auto found = find_secrets(serve_rows(), arguments);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(arguments[found[0].argument].substr(found[0].offset), "abc");
  EXPECT_EQ(arguments[found[1].argument].substr(found[1].offset), "def");
}

}  // namespace
}  // namespace rogerthat::cli
