#include "cli/serve_options.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "api/http/host_check.h"
#include "base/utf8.h"
#include "net/address.h"

namespace rogerthat::cli {

namespace {

using enum OptionKind;
using S = Settings;
using V = std::string_view;

constexpr std::size_t kTokenLengthMin = 16;  // where other machines may try

constexpr std::uint64_t kKiB = 1 << 10;
constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kGiB = 1 << 30;
constexpr std::uint64_t kTiB = kGiB << 10;
constexpr V kListening = "Where it listens";
constexpr V kAccess = "Who may use it";
constexpr V kData = "What it keeps";
constexpr V kMail = "How it sends mail: codes, for accounts that can be recovered by email";
constexpr V kRates = "How often, per source address and minute (0: no limit)";
constexpr V kBounds = "Bounds of connections and memory";
constexpr V kRunning = "How it runs";

template <hub::Limited kWhat>
Expected read_rate(S& s, V v) {
  return read_number(v, 0, 1'000'000, "a number of requests a minute",
                     s.hub.limits.per_minute[static_cast<std::size_t>(kWhat)]);
}

Expected read_log_format(S& s, V v) {
  if (v == "auto") {
    s.log_format = LogFormat::automatic;
  } else if (v == "text") {
    s.log_format = LogFormat::text;
  } else if (v == "json") {
    s.log_format = LogFormat::json;
  } else {
    return "auto, text or json";
  }
  return std::nullopt;
}

Expected read_handles(S& s, V v) {
  if (v == "free") {
    s.handles = core::HandlePolicy::free;
  } else if (v == "random") {
    s.handles = core::HandlePolicy::random;
  } else {
    return "free or random";
  }
  return std::nullopt;
}

// Who comes from elsewhere names a file in it.
Expected read_data_dir(S& s, V v) {
  if (const Expected expected = read_path(v, s.data_dir)) return expected;
  std::error_code none;
  const std::filesystem::path path = s.data_dir;
  if (std::filesystem::is_regular_file(path, none)) {
    s.data_dir = path.has_parent_path() ? path.parent_path().string() : ".";
  }
  return std::nullopt;
}

Expected read_smtp_security(S& s, V v) {
  using enum net::SmtpServer::Security;
  if (v == "starttls") {
    s.smtp.security = starttls;
  } else if (v == "tls") {
    s.smtp.security = tls;
  } else if (v == "none") {
    s.smtp.security = none;
  } else {
    return "starttls, tls or none";
  }
  return std::nullopt;
}

Expected read_log_level(S& s, V v) {
  if (v == "debug") {
    s.log_level = LogLevel::debug;
  } else if (v == "info") {
    s.log_level = LogLevel::info;
  } else if (v == "warning") {
    s.log_level = LogLevel::warning;
  } else if (v == "error") {
    s.log_level = LogLevel::error;
  } else {
    return "debug, info, warning or error";
  }
  return std::nullopt;
}

constexpr Option<Settings> kOptions[] = {
    // --- Where it listens.
    {{kListening, "host", "HOST", text, "127.0.0.1",
      "Address to listen on; 0.0.0.0 and :: are all of them. Anything but loopback needs --token."},
     [](S& s, V v) { return read_host(v, s.http.host); }},
    {{kListening, "port", "PORT", number, "7424", "Port to listen on; 0 takes a free one."},
     [](S& s, V v) { return read_number(v, 0, 65535, "a port", s.http.port); }},
    {{kListening, "origin", "URL", text, "",
      "Public origin for links and snippets, like https://hub.example. Not set: the Host header."},
     [](S& s, V v) { return read_origin(v, s.origin); }},
    {{kListening, "allowed-host", "HOST", list, "",
      "A further name that requests may carry in their Host header."},
     [](S& s, V v) { return add_host(v, s.allowed_hosts); }},
    {{kListening, "cors-origin", "ORIGIN", list, "",
      "A web origin whose pages may call the API; * allows all. Not set: same origin only."},
     [](S& s, V v) { return add_origin(v, s.cors_origins); }},
    {{kListening, "tls-cert", "FILE", text, "",
      "Certificate chain (PEM). With --tls-key the port speaks TLS only. SIGHUP reads it again."},
     [](S& s, V v) { return read_path(v, s.http.tls_certificate_file); }},
    {{kListening, "tls-key", "FILE", text, "", "Private key of the certificate (PEM)."},
     [](S& s, V v) { return read_path(v, s.http.tls_key_file); }},
    {{kListening, "trusted-proxy", "CIDR", list, "127.0.0.0/8,::1",
      "Network of proxies whose X-Forwarded-For, -Proto and -Host are believed."},
     [](S& s, V v) { return add_network(v, s.http.trusted_proxies); }},
    {{kListening, "client-address-header", "NAME", text, "",
      "Header in which a trusted proxy gives the client's address, like CF-Connecting-IP."},
     [](S& s, V v) { return read_header_name(v, s.http.client_address_header); }},

    // --- Who may use it.
    {{kAccess,
      "token",
      "SECRET",
      text,
      "",
      "Hub token: creating channels and using the public bands then needs it. Beyond loopback 16 "
      "characters at least.",
      {.secret = true}},
     [](S& s, V v) { return hash_secret(v, s.token); }},
    {{kAccess,
      "token-file",
      "FILE",
      text,
      "",
      "File that holds the hub token; nobody else may read it.",
      {.file_of = "token"}}},
    {{kAccess,
      "admin-token",
      "SECRET",
      text,
      "",
      "Token for administration and /metrics. Not set: no administration, and /metrics answers "
      "only "
      "on a hub that this machine alone uses.",
      {.secret = true, .other_env = "ROGERRAT_ADMIN_TOKEN"}},
     [](S& s, V v) { return hash_secret(v, s.admin_token); }},
    {{kAccess,
      "admin-token-file",
      "FILE",
      text,
      "",
      "File that holds the admin token; nobody else may read it.",
      {.file_of = "admin-token"}}},
    {{kAccess, "insecure-open", "", flag, "false",
      "Listen beyond loopback without --token: everybody who reaches the port may create "
      "channels."},
     [](S& s, V v) { return read_flag(v, s.insecure_open); }},

    {{kAccess, "handles", "POLICY", text, "free",
      "Callsigns of identities: free lets their owners choose, random allots them."},
     read_handles},

    {{kAccess, "webhook-allow", "CIDR", list, "",
      "A network that webhooks may lead to although it is not public, like 10.1.0.0/16."},
     [](S& s, V v) { return add_network(v, s.webhook_allow); }},

    // --- What it keeps.
    {{kData,
      "data-dir",
      "DIR",
      text,
      "~/.rogerthat",
      "Directory for everything that must survive. --data is another name for it.",
      {.other_flag = "data"}},
     read_data_dir},
    {{kData, "channels-max", "N", number, "1000000",
      "Channels that may exist, shared out evenly among the shards."},
     [](S& s, V v) {
       return read_number(v, 1, 100'000'000, "a number of channels", s.hub.channels_max);
     }},
    {{kData, "channel-idle-days", "DAYS", number, "90",
      "A channel without any activity for so long is removed."},
     [](S& s, V v) { return read_time(v, kDay, 1, 36'500, s.hub.idle_joined); }},
    {{kData, "channel-never-joined-days", "DAYS", number, "30",
      "The same for a channel that nobody has ever joined."},
     [](S& s, V v) { return read_time(v, kDay, 1, 36'500, s.hub.idle_never_joined); }},
    {{kData, "ring-bytes", "BYTES", number, "8MiB",
      "Messages that a new channel holds for late readers, in bytes; the oldest leave first."},
     [](S& s, V v) { return read_size(v, 64 * kKiB, kGiB, s.hub.ring_bytes); }},
    {{kData, "transcript-bytes", "BYTES", number, "1GiB",
      "Transcript of one channel on disk; the oldest entries leave first."},
     [](S& s, V v) { return read_size(v, 64 * kKiB, 1024 * kGiB, s.transcript_bytes); }},

    // --- How it sends mail.
    {{kMail, "smtp", "HOST[:PORT]", text, "",
      "Mail server that takes mails for others. Not set: accounts have no email."},
     [](S& s, V v) { return read_host_and_port(v, s.smtp.host, s.smtp.port); }},
    {{kMail, "smtp-security", "HOW", text, "starttls",
      "starttls (port 587), tls (port 465) or none (port 25; a relay on this machine)."},
     read_smtp_security},
    {{kMail, "smtp-from", "ADDRESS", text, "", "Sender of the mails; needed with --smtp."},
     [](S& s, V v) { return read_mail_address(v, s.smtp.from); }},
    {{kMail, "smtp-user", "NAME", text, "", "User that logs in there. Not set: no login."},
     [](S& s, V v) { return read_text(v, s.smtp.user); }},
    {{kMail,
      "smtp-password",
      "SECRET",
      text,
      "",
      "Password of that user.",
      {.secret = true, .as_flag = false}},
     [](S& s, V v) { return read_text(v, s.smtp.password); }},
    {{kMail, "smtp-ca", "FILE", text, "",
      "Certificate authorities (PEM) that may vouch for the mail server, beside the system's."},
     [](S& s, V v) { return read_path(v, s.smtp.ca_file); }},

    // --- How often.
    {{kRates, "rate-send", "N", number, "60", "Messages sent."}, read_rate<hub::Limited::send>},
    {{kRates, "rate-send-band", "N", number, "10", "Messages sent on the public bands."},
     read_rate<hub::Limited::send_band>},
    {{kRates, "rate-create", "N", number, "20", "Channels created."},
     read_rate<hub::Limited::channel_creation>},
    {{kRates, "rate-join", "N", number, "60", "Joins."}, read_rate<hub::Limited::join>},
    {{kRates, "rate-join-band", "N", number, "10", "Joins on the public bands."},
     read_rate<hub::Limited::join_band>},
    {{kRates, "rate-account", "N", number, "5", "Accounts created, and codes asked for by mail."},
     read_rate<hub::Limited::account>},
    {{kRates, "rate-identity", "N", number, "10", "Identities created, and keys rotated."},
     read_rate<hub::Limited::identity>},
    {{kRates, "rate-remote-control", "N", number, "5", "Remote controls opened."},
     read_rate<hub::Limited::remote_control>},
    {{kRates, "rate-wrong-secret", "N", number, "10", "Wrong tokens and passwords."},
     read_rate<hub::Limited::wrong_secret>},
    {{kRates, "rate-webhook", "N", number, "20", "Webhooks created."},
     read_rate<hub::Limited::webhook>},
    {{kRates, "rate-limit-loopback", "", flag, "false",
      "Limit direct callers on this machine too, who are not limited otherwise."},
     [](S& s, V v) { return read_flag(v, s.hub.limits.loopback_too); }},
    {{kRates, "rate-addresses-max", "N", number, "100000",
      "Addresses that are counted; beyond it the one idle longest is forgotten."},
     [](S& s, V v) {
       return read_number(v, 1'000, 100'000'000, "a number", s.hub.limits.addresses_max);
     }},

    // --- Bounds.
    {{kBounds, "connections-max", "N", number, "100000",
      "Open connections. The limit of open files bounds them too."},
     [](S& s, V v) { return read_number(v, 1, 10'000'000, "a number", s.http.connections_max); }},
    {{kBounds, "connections-per-address-max", "N", number, "20000",
      "Open connections from one address (IPv6: one /64); never more than half of all."},
     [](S& s, V v) {
       return read_number(v, 1, 10'000'000, "a number", s.http.connections_per_address_max);
     }},
    {{kBounds, "requests-per-connection-max", "N", number, "1000000",
      "Requests on one connection before it is closed."},
     [](S& s, V v) {
       return read_number(v, 1, 1'000'000'000, "a number", s.http.requests_per_connection_max);
     }},
    {{kBounds, "header-bytes-max", "BYTES", number, "16KiB", "Request line and headers."},
     [](S& s, V v) { return read_size(v, kKiB, kMiB, s.http.header_bytes_max); }},
    {{kBounds, "header-seconds", "S", number, "10",
      "From the first byte of a request to the end of its headers."},
     [](S& s, V v) { return read_time(v, kSecond, 1, 3600, s.http.header_time_max); }},
    {{kBounds, "body-seconds", "S", number, "30", "To the end of its body."},
     [](S& s, V v) { return read_time(v, kSecond, 1, 3600, s.http.body_time_max); }},
    {{kBounds, "idle-seconds", "S", number, "75", "Between two requests on a connection."},
     [](S& s, V v) { return read_time(v, kSecond, 1, 86'400, s.http.idle_time_max); }},
    {{kBounds, "write-stall-seconds", "S", number, "30",
      "An answer that makes no progress for so long ends its connection."},
     [](S& s, V v) { return read_time(v, kSecond, 1, 3600, s.http.write_stall_max); }},
    {{kBounds, "stream-backlog-bytes", "BYTES", number, "4MiB",
      "What is kept for a slow stream before it is cut off; it can resume where it was."},
     [](S& s, V v) { return read_size(v, 64 * kKiB, kGiB, s.hub.stream_backlog_bytes_max); }},

    {{kBounds, "memory-max", "BYTES", number, "0",
      "What all channels may hold in memory; 0 is half of the machine's or its cgroup's. The "
      "fattest "
      "let go first."},
     [](S& s, V v) {
       if (v == "0") {
         s.hub.memory_max = 0;
         return Expected{};
       }
       return read_size(v, 16 * kMiB, 1024 * kTiB, s.hub.memory_max);
     }},

    // --- How it runs.
    {{kRunning, "shards", "N", number, "0", "Threads that serve; 0 is one per core it may use."},
     [](S& s, V v) { return read_number(v, 0, 256, "a number", s.hub.shards); }},
    {{kRunning, "drain-seconds", "S", number, "10",
      "Time that a SIGTERM leaves for open requests before the process ends."},
     [](S& s, V v) { return read_time(v, kSecond, 0, 3600, s.drain_time); }},
    {{kRunning, "log-format", "FORMAT", text, "auto",
      "auto, text or json; auto is text on a terminal and JSON lines otherwise."},
     read_log_format},
    {{kRunning, "log-level", "LEVEL", text, "info", "debug, info, warning or error."},
     read_log_level},
    {{kRunning, "client-command", "COMMAND", text, "",
      "A command of yours that agents can use as a client; snippets then offer it."},
     [](S& s, V v) { return read_text(v, s.client_command); }},
    {{kRunning, "operator-contact", "TEXT", text, "",
      "Where abuse is reported to: an address or link, shown in the policy."},
     [](S& s, V v) { return read_text(v, s.operator_contact); }},
    {{kRunning, "homepage", "URL", text, "",
      "Where people read about this hub; its pages and descriptors name it."},
     [](S& s, V v) { return read_link(v, s.homepage); }},
    {{kRunning,
      "config",
      "FILE",
      text,
      "",
      "Configuration file (TOML, keys named like the flags).",
      {.in_file = false}},
     [](S& s, V v) { return read_path(v, s.config_file); }},
    {{kRunning,
      "print-config",
      "",
      flag,
      "false",
      "Print what would be in force and where each value comes from, then end. Shows no secret.",
      {.in_file = false}},
     [](S& s, V v) { return read_flag(v, s.print_config); }},
};

// --- What must fit together.

Problem expand_home(std::string& path, Environment environment) {
  if (!path.starts_with("~/")) return std::nullopt;
  const std::string_view home = home_of(environment);
  if (home.empty()) return fmt::format("{}: HOME is not set; give --data-dir", path);
  path = std::string(home) + path.substr(1);
  return std::nullopt;
}

Problem check_mail(const net::SmtpServer& smtp) {
  using Security = net::SmtpServer::Security;
  if (smtp.host.empty()) {
    if (smtp.from.empty() && smtp.user.empty() && smtp.password.empty()) return std::nullopt;
    return "options of mail are given, but no --smtp";
  }
  if (smtp.from.empty()) return "--smtp needs --smtp-from: the address that the mails come from";
  if (smtp.user.empty() != smtp.password.empty()) {
    return "--smtp-user and ROGERTHAT_SMTP_PASSWORD belong together; give both or none";
  }
  if (smtp.security == Security::none && !smtp.user.empty()) {
    return "--smtp-security none would send the password in the clear; use starttls or tls";
  }
  return std::nullopt;
}

Problem check_together(const Settings& s) {
  if (Problem problem = check_mail(s.smtp)) return problem;
  if (s.http.tls_certificate_file.empty() != s.http.tls_key_file.empty()) {
    return "--tls-cert and --tls-key belong together; give both or none";
  }
  if (!s.bound_to_loopback() && s.token && s.token->characters < kTokenLengthMin) {
    return fmt::format(
        "--host {} lets other machines in, and the hub token has only {} characters: it could be "
        "guessed.\nTake {} or more, as from: openssl rand -base64 24",
        s.http.host, s.token->characters, kTokenLengthMin);
  }
  if (!s.bound_to_loopback() && !s.token && !s.insecure_open) {
    return fmt::format(
        "--host {} lets other machines in, and no --token is set: anyone could create channels.\n"
        "Set a token (--token-file FILE or ROGERTHAT_TOKEN), or say --insecure-open if that is "
        "what you want",
        s.http.host);
  }
  return std::nullopt;
}

Problem finish(Settings& settings, Environment environment) {
  if (Problem problem = expand_home(settings.data_dir, environment)) return problem;
  return check_together(settings);
}

std::expected<std::string, std::string> config_path(std::string_view value, Environment) {
  return std::string(value);
}

constexpr OptionTable<Settings> kTable{kOptions, {"config", config_path}, finish};

}  // namespace

bool Settings::bound_to_loopback() const {
  if (equal_ignoring_case(http.host, "localhost")) return true;
  const auto address = net::IpAddress::parse(http.host);
  return address && address->is_loopback();
}

bool Settings::this_machine_only() const {
  return bound_to_loopback() && api::only_this_machine(origin, allowed_hosts) &&
         http.client_address_header.empty();
}

std::expected<ServeOptions, std::string> read_serve_options(std::span<const std::string> arguments,
                                                            Environment environment) {
  return read_table(kTable, arguments, environment);
}

OptionRows serve_rows() {
  return rows_of(kTable.rows);
}

OptionsPage serve_page() {
  return {
      .verb = "serve",
      .rows = serve_rows(),
      .intro =
          "rogerthat serve - the hub\n\n"
          "Usage: rogerthat [serve] [options]\n\n"
          "Every option can be given as a flag (--port 7424, --port=7424), in the environment\n"
          "(ROGERTHAT_PORT) or in the file that --config names (port = 7424); the first of them "
          "wins.\n"
          "Secrets belong in the environment or in a --...-file. rogerthat serve --print-config "
          "shows\nwhat is in force.\n",
      .outro =
          "Signals: SIGTERM and SIGINT end it in order (a second one at once), SIGHUP reads the\n"
          "certificate again. Exit: 0 ended in order, 1 failure, 2 wrong usage.\n",
      .file = "the TOML file that `--config` names",
  };
}

}  // namespace rogerthat::cli
