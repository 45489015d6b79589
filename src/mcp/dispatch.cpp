#include "mcp/dispatch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "mcp/request_state.h"
#include "mcp/results.h"

namespace rogerthat::mcp {

namespace {

struct Run {
  const Request& request;
  const std::shared_ptr<RunningCall>& call;
  Application& application;
};

enum class Names : std::uint8_t { nothing, by_name, by_uri };

struct Method {
  std::string_view name;
  bool legacy;
  bool modern;
  void (*run)(const Run&);  // null: the transport's
  Names names = Names::nothing;
  bool may_ask = false;  // need_input() is possible
  Caching caching = Caching::none;
};

void refuse_call(const Run& run, std::string_view message) {
  run.call->error(ErrorCode::invalid_params, message, {});
}

void ping(const Run& run) {
  run.call->result("{}");
}

// There is one page, so there is no cursor that we gave out.
bool is_first_page(const Run& run) {
  if (!run.request.params || !run.request.params->find("cursor")) return true;
  refuse_call(run, "params.cursor is not one of this server's: every list here is one page.");
  return false;
}

void answer_list(const Run& run, std::string_view field, std::string_view array_json) {
  if (!is_first_page(run)) return;
  run.call->result(fmt::format(R"({{"{}":{}}})", field, array_json));
}

void list_tools(const Run& run) {
  std::string tools = "[";
  for (const Tool& tool : run.application.tools()) {
    if (tools.size() > 1) tools += ',';
    tools += tool.json;
  }
  answer_list(run, "tools", tools += ']');
}

void list_prompts(const Run& run) {
  answer_list(run, "prompts", run.application.prompts());
}
void list_resources(const Run& run) {
  answer_list(run, "resources", run.application.resources());
}
void list_templates(const Run& run) {
  answer_list(run, "resourceTemplates", run.application.resource_templates());
}

bool arguments_fit(const Run& run) {
  if (!run.request.arguments || run.request.arguments->is(JsonValue::Type::object)) return true;
  refuse_call(run, "params.arguments must be an object.");
  return false;
}

void call_tool(const Run& run) {
  if (run.request.name.empty()) return refuse_call(run, "params.name must be the name of a tool.");
  if (run.request.tool == nullptr) {
    return refuse_call(run, fmt::format("There is no tool \"{}\": tools/list has them all.",
                                        run.request.name.substr(0, 128)));
  }
  if (!arguments_fit(run)) return;
  run.application.call_tool(run.request, Reply(run.call));
}

void get_prompt(const Run& run) {
  if (run.request.name.empty())
    return refuse_call(run, "params.name must be the name of a prompt.");
  if (!arguments_fit(run)) return;
  run.application.get_prompt(run.request, Reply(run.call));
}

bool has_uri(const Run& run) {
  if (!run.request.name.empty() && run.request.name.size() <= Session::kUriBytesMax) return true;
  refuse_call(run, fmt::format("params.uri must be the URI of a resource, at most {} bytes.",
                               Session::kUriBytesMax));
  return false;
}

void read_resource(const Run& run) {
  if (has_uri(run)) run.application.read_resource(run.request, Reply(run.call));
}

void complete(const Run& run) {
  const auto field_is_object = [&](std::string_view name) {
    const auto field = run.request.params ? run.request.params->find(name) : std::nullopt;
    return field && field->is(JsonValue::Type::object);
  };
  if (!field_is_object("ref")) {
    return refuse_call(run,
                       "params.ref must be an object that names a prompt or a resource template.");
  }
  if (!field_is_object("argument")) {
    return refuse_call(run, "params.argument must be an object with name and value.");
  }
  run.application.complete(run.request, Reply(run.call));
}

void set_log_level(const Run& run) {
  const auto text = run.request.params ? run.request.params->find("level") : std::nullopt;
  const auto level =
      text && text->is(JsonValue::Type::string) ? parse_log_level(text->string()) : std::nullopt;
  if (!level) {
    return refuse_call(run,
                       "params.level must be one of debug, info, notice, warning, error, critical, "
                       "alert, emergency.");
  }
  run.request.session->set_log_level(*level);
  run.application.set_log_level(*run.request.session, *level);
  run.call->result("{}");
}

class SessionSink final : public WatchSink {
 public:
  SessionSink(std::weak_ptr<Session> session, std::string uri)
      : session_(std::move(session)), uri_(std::move(uri)) {}
  void updated() override {
    if (const auto session = session_.lock()) session->note_updated(uri_);
  }

 private:
  const std::weak_ptr<Session> session_;
  const std::string uri_;
};

void subscribe(const Run& run) {
  if (!has_uri(run)) return;
  const std::string uri(run.request.name);  // the request may die before the watch is made
  Session& session = *run.request.session;
  switch (session.enter_watch(uri)) {
    case Session::Entered::already:
      return run.call->result("{}");
    case Session::Entered::too_many:
      return refuse_call(
          run, fmt::format("This session watches {} resources: unsubscribe from one first.",
                           Session::kWatchesMax));
    case Session::Entered::yes:
      break;
  }
  auto watch = run.application.watch(run.request, uri,
                                     std::make_shared<SessionSink>(session.weak_from_this(), uri));
  if (!watch) {
    session.remove_watch(uri);
    Reply call(run.call);
    return resource_not_found(run.request, call, uri);
  }
  session.keep_watch(uri, std::move(watch), run.call->origin().loop);
  run.call->result("{}");
}

void unsubscribe(const Run& run) {
  if (!has_uri(run)) return;
  run.request.session->remove_watch(run.request.name);
  run.call->result("{}");
}

void discover(const Run& run) {
  const ServerInfo& info = run.application.info();
  std::string fields;
  JsonWriter json(fields);
  json.begin_object();
  json.key("supportedVersions").begin_array().value(kModernRevision).end_array();
  json.key("capabilities").raw(info.modern_capabilities.empty() ? "{}" : info.modern_capabilities);
  if (!info.instructions.empty()) json.field("instructions", info.instructions);
  json.end_object();
  run.call->result(fields);
}

constexpr Method kMethods[] = {
    {"tools/call", true, true, call_tool, Names::by_name, true},
    {"tools/list", true, true, list_tools, Names::nothing, false, Caching::list},
    {"initialize", true, false, nullptr},
    {"ping", true, false, ping},
    {"server/discover", false, true, discover, Names::nothing, false, Caching::list},
    {"subscriptions/listen", false, true, nullptr},
    {"resources/list", true, true, list_resources, Names::nothing, false, Caching::list},
    {"resources/templates/list", true, true, list_templates, Names::nothing, false, Caching::list},
    {"resources/read", true, true, read_resource, Names::by_uri, true, Caching::read},
    {"resources/subscribe", true, false, subscribe, Names::by_uri},
    {"resources/unsubscribe", true, false, unsubscribe, Names::by_uri},
    {"prompts/list", true, true, list_prompts, Names::nothing, false, Caching::list},
    {"prompts/get", true, true, get_prompt, Names::by_name, true},
    {"completion/complete", true, true, complete},
    {"logging/setLevel", true, false, set_log_level},
};

const Tool* find_tool(const Application& application, std::string_view name) {
  const auto at = std::ranges::find(application.tools(), name, &Tool::name);
  return at == application.tools().end() ? nullptr : &*at;
}

const Method* find_method(Era era, std::string_view name) {
  for (const Method& method : kMethods) {
    if (method.name == name) {
      return (era == Era::modern ? method.modern : method.legacy) ? &method : nullptr;
    }
  }
  return nullptr;
}

void unknown_method(RunningCall& call, std::string_view method) {
  const bool modern = call.origin().era == Era::modern;
  if (modern && method == "initialize") {
    return call.error(ErrorCode::method_not_found,
                      "initialize belongs to older revisions: send it without the _meta claim, or "
                      "begin with server/discover.",
                      R"({"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26",)"
                      R"("2024-11-05"]})");
  }
  const bool removed = modern && find_method(Era::legacy, method) != nullptr;
  call.error(ErrorCode::method_not_found,
             removed ? fmt::format("{} is not part of revision {}.", method, kModernRevision)
                     : fmt::format("There is no method \"{}\".", method.substr(0, 128)),
             {});
}

// False: answered with what is wrong.
bool read_inputs(Request& request, RunningCall& call, const std::string& binding,
                 std::string& state) {
  if (const auto inputs = request.params->find("inputResponses")) {
    bool fits = inputs->is(JsonValue::Type::object);
    if (fits) {
      inputs->each_field([&](std::string_view, JsonValue value) {
        fits = fits && value.is(JsonValue::Type::object);
      });
    }
    if (!fits) {
      call.error(ErrorCode::invalid_params,
                 "params.inputResponses must be an object of objects, one for each input request.",
                 {});
      return false;
    }
    request.inputs = inputs;
  }
  const auto sealed = request.params->find("requestState");
  if (!sealed) return true;
  auto opened =
      sealed->is(JsonValue::Type::string) ? open_state(binding, sealed->string()) : std::nullopt;
  if (!opened) {
    call.error(ErrorCode::invalid_params,
               "params.requestState is not one that this server gave out for this request: start "
               "again without it.",
               {});
    return false;
  }
  state = *std::move(opened);
  request.input_state = state;
  return true;
}

void run_method(const Method& method, Request& request, std::string_view text,
                const std::shared_ptr<RunningCall>& call) {
  std::string state;
  call->set_caching(method.caching);
  if (method.may_ask && request.era == Era::modern) {
    const bool continues =
        request.params->find("inputResponses") || request.params->find("requestState");
    std::string binding;
    if (continues || call->origin().client.any()) {
      binding = state_binding(request.method, request.name);
    }
    if (continues && !read_inputs(request, *call, binding, state)) return;
    call->allow_input(text, std::move(binding));
  } else if (method.may_ask) {
    call->allow_input(text, {});
  }
  method.run({request, call, *call->origin().application});
  call->dispatched();
}

void read_progress_token(const Request& request, RunningCall& call) {
  if (!request.params) return;
  const auto fields = request.params->find("_meta");
  const auto token = fields ? fields->find("progressToken") : std::nullopt;
  if (!token) return;
  if (auto text = id_as_json(*token)) call.set_progress_token(*std::move(text));
}

}  // namespace

bool knows_method(Era era, std::string_view method) {
  return find_method(era, method) != nullptr;
}

Request describe_request(const CallOrigin& origin, const Message& message) {
  Request request;
  request.era = origin.era;
  request.revision = origin.revision;
  request.shard = origin.shard;
  request.session = origin.session.get();
  request.caller = origin.caller;
  request.method = message.method;
  request.params = message.params;
  request.client = origin.client;
  const Method* const method = find_method(origin.era, message.method);
  if (!method || method->names == Names::nothing || !message.params) return request;
  const std::string_view name_field = method->names == Names::by_name ? "name" : "uri";
  message.params->each_field([&](std::string_view field, JsonValue value) {
    if (field == name_field) {
      request.name = value.is(JsonValue::Type::string) ? value.string() : std::string_view();
    } else if (field == "arguments" && !value.is_null()) {
      request.arguments = value;
    }
  });
  if (method->run == call_tool) request.tool = find_tool(*origin.application, request.name);
  return request;
}

void dispatch(Request request, std::string_view text, const std::shared_ptr<RunningCall>& call) {
  const Method* const method = find_method(request.era, request.method);
  if (!method || !method->run) return unknown_method(*call, request.method);
  read_progress_token(request, *call);
  request.wants_progress = call->wants_progress();
  if (request.session && !request.session->has_room()) {
    return call->error(ErrorCode::server_error,
                       fmt::format("{} requests of this session are still running: await or cancel "
                                   "one first.",
                                   Session::kCallsMax),
                       {});
  }
  run_method(*method, request, text, call);
}

void dispatch_again(std::string_view text, std::string_view inputs_json, std::string_view state,
                    const std::shared_ptr<RunningCall>& call) {
  // One document for both, because there is one at a time.
  const std::string both = fmt::format("[{},{}]", text, inputs_json);
  const auto document = JsonDocument::parse(both);
  std::optional<JsonValue> first;
  std::optional<JsonValue> second;
  if (document) {
    document->each_item([&](JsonValue item) { (first ? second : first) = item; });
  }
  const auto message = first ? read_message(*first) : std::unexpected(BadMessage{});
  if (!message) {
    return call->error(ErrorCode::invalid_params, "The client's answers are nested too deeply.",
                       {});
  }
  Request request = describe_request(call->origin(), *message);
  request.inputs = second;
  request.input_state = state;
  request.wants_progress = call->wants_progress();
  run_method(*find_method(request.era, request.method), request, text, call);
}

void take_notification(Session& session, const Message& message) {
  if (message.method != "notifications/cancelled" || !message.params) return;
  const auto id = message.params->find("requestId");
  if (!id) return;
  if (const auto text = id_as_json(*id)) session.cancel_call(*text);
}

ClientCapabilities read_capabilities(const JsonValue& capabilities) {
  ClientCapabilities client;
  if (!capabilities.is(JsonValue::Type::object)) return client;
  capabilities.each_field([&](std::string_view name, JsonValue value) {
    const bool declared = value.is(JsonValue::Type::object);
    if (name == "elicitation") client.elicitation = declared;
    if (name == "sampling") client.sampling = declared;
    if (name == "roots") client.roots = declared;
  });
  return client;
}

std::expected<Handshake, BadMessage> read_initialize(const Message& message) {
  const auto wanted = message.params ? message.params->find("protocolVersion") : std::nullopt;
  if (!wanted || !wanted->is(JsonValue::Type::string)) {
    return std::unexpected(BadMessage{message.id, ErrorCode::invalid_params,
                                      "params.protocolVersion must be a string like 2025-11-25."});
  }
  Handshake handshake{.revision = kLatestLegacy, .client = {}};
  for (const std::string_view revision : kLegacyRevisions) {
    if (revision == wanted->string()) handshake.revision = revision;
  }
  if (const auto capabilities = message.params->find("capabilities")) {
    handshake.client = read_capabilities(*capabilities);
  }
  return handshake;
}

void append_initialize_result(std::string& out, std::string_view id, const ServerInfo& info,
                              std::string_view revision) {
  std::string fields;
  JsonWriter json(fields);
  json.begin_object();
  json.field("protocolVersion", revision);
  json.key("capabilities").raw(info.legacy_capabilities.empty() ? "{}" : info.legacy_capabilities);
  std::string server;
  append_server_info(server, info, revision);
  json.key("serverInfo").raw(server);
  if (!info.instructions.empty()) json.field("instructions", info.instructions);
  json.end_object();
  append_result(out, id, fields);
}

}  // namespace rogerthat::mcp
