// What `rogerthat serve` runs with, once every source has been read: plain values with no knowledge
// of where they came from. Their defaults are those of the option table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "cli/option_values.h"
#include "core/directory.h"
#include "hub/hub.h"
#include "net/server.h"
#include "net/smtp.h"

namespace rogerthat::cli {

enum class LogFormat : std::uint8_t { automatic, text, json };

struct Settings {
  net::ServerOptions http;
  hub::HubOptions hub;  // shards: 0 is one per core
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> cors_origins;
  std::string origin;  // "https://hub.example"; empty: the request's Host decides
  std::optional<HashedSecret> token;
  std::optional<HashedSecret> admin_token;
  bool insecure_open = false;
  core::HandlePolicy handles = core::HandlePolicy::free;
  std::vector<net::IpNetwork> webhook_allow;
  net::SmtpServer smtp;  // no host: no mail is sent
  std::string data_dir;
  std::uint64_t transcript_bytes = 0;  // per channel
  Millis drain_time = 0;
  LogFormat log_format = LogFormat::automatic;
  LogLevel log_level = LogLevel::info;
  std::string client_command;
  std::string operator_contact;
  std::string homepage;
  std::string config_file;
  bool print_config = false;

  bool bound_to_loopback() const;
  // ... and known by no name that others would reach it by, through a proxy or a tunnel.
  bool this_machine_only() const;
};

}  // namespace rogerthat::cli
