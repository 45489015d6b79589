// What an MCP server offers, asked of the room above: its name, its lists, its tools, resources and
// prompts. The interface between the protocol and what it carries. One object serves
// all threads: functions are called on the thread of the request, lists are constant.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/call.h"

namespace rogerthat::mcp {

struct ServerInfo {
  std::string name, title, version, website_url;
  std::string instructions;
  // The `capabilities` object that is told; each era may have its own.
  std::string legacy_capabilities;
  std::string modern_capabilities;
};

// An argument that modern clients repeat in a header: Mcp-Param-<header>.
struct HeaderArgument {
  std::vector<std::string> path;  // through `properties`
  std::string header;
};

struct Tool {
  std::string name;
  std::string json;  // the whole object as tools/list shows it
  std::vector<HeaderArgument> header_arguments = {};
};

enum class List : std::uint8_t { tools, prompts, resources };

// A watch on a resource. Destroying it ends the watch: on the thread that made it, or at the very
// end, when no loop runs any more.
class Watch {
 public:
  virtual ~Watch() = default;
};
// Told when a watched resource has changed: any thread, any number of times, also after the watch
// has ended. The protocol makes one notification of many.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  virtual void updated() = 0;
};

// What the application keeps with a legacy session. Used by several threads: locks are its own.
class SessionState {
 public:
  virtual ~SessionState() = default;
  virtual Millis idle_limit() const { return 30 * kMinute; }
  // DELETE, or idle for too long. On some thread of the transport; the state is destroyed after it.
  virtual void ended() {}
};

class Application {
 public:
  virtual ~Application() = default;
  virtual const ServerInfo& info() const = 0;
  virtual const std::vector<Tool>& tools() const = 0;
  // JSON arrays of what the spec calls Prompt, Resource, ResourceTemplate. Empty: there are none,
  // and the method answers an empty list.
  virtual std::string_view prompts() const { return "[]"; }
  virtual std::string_view resources() const { return "[]"; }
  virtual std::string_view resource_templates() const { return "[]"; }
  // How long modern clients may cache the lists, and whether caches may share them.
  virtual Millis list_ttl() const { return kHour; }
  virtual bool lists_are_public() const { return true; }

  // A session begins with `initialize`; null where nothing is to be kept.
  virtual std::unique_ptr<SessionState> begin_session(const Caller&) { return nullptr; }
  // The shard that must handle this request, where it matters. Asked before everything else, with
  // `shard` set to where it has come in.
  virtual std::optional<std::uint32_t> home(const Request&) { return std::nullopt; }

  // The tool of that name exists (the protocol has looked). Bad arguments are the tool's to refuse:
  // {"content": [...], "isError": true}.
  virtual void call_tool(const Request& request, Reply reply) = 0;
  // Unknown ones: resource_not_found(call, uri), error(invalid_params).
  virtual void read_resource(const Request& request, Reply reply);
  virtual void get_prompt(const Request& request, Reply reply);
  virtual void complete(const Request& request, Reply reply);
  virtual void set_log_level(Session&, LogLevel) {}
  // Null: nothing of that URI can be watched by this caller.
  virtual std::unique_ptr<Watch> watch(const Request& request, std::string_view uri,
                                       std::shared_ptr<WatchSink> sink) = 0;
};

// The error for a resource that does not exist, as the era wants it.
void resource_not_found(const Request& request, Reply& reply, std::string_view uri);

}  // namespace rogerthat::mcp
