#include "questions.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace rogerthat::conformance {

namespace {

bool answered(const mcp::Request& request, const mcp::InputRequest& question) {
  const auto reply = request.inputs ? request.inputs->find(question.key) : std::nullopt;
  return reply && reply->is(JsonValue::Type::object);
}

// The state that travels with the questions is the number of their round.
std::size_t round_of(const mcp::Request& request) {
  std::size_t round = 0;
  const std::string_view state = request.input_state;
  std::from_chars(state.data(), state.data() + state.size(), round);
  return round;
}

}  // namespace

Run asks(Rounds rounds, Answer answer) {
  return [rounds = std::move(rounds), answer = std::move(answer)](
             Surroundings&, const mcp::Request& request, mcp::Reply call) {
    std::vector<Round> all = rounds(request);
    std::size_t round = round_of(request);
    const auto done = [&](const mcp::InputRequest& question) {
      return answered(request, question);
    };
    if (round < all.size() && std::ranges::all_of(all[round], done)) ++round;
    if (round >= all.size()) {
      call.result(answer(request));
    } else {
      call.need_input(std::move(all[round]), std::to_string(round));
    }
  };
}

Run asks(std::vector<Round> rounds, std::string fields) {
  return asks([rounds = std::move(rounds)](const mcp::Request&) { return rounds; },
              [fields = std::move(fields)](const mcp::Request&) { return fields; });
}

mcp::InputRequest form(std::string_view key, std::string_view message,
                       std::initializer_list<Field> fields) {
  std::string params;
  JsonWriter json(params);
  json.begin_object().field("message", message).key("requestedSchema").begin_object();
  json.field("type", "object").key("properties").begin_object();
  for (const Field& field : fields) json.key(field.name).raw(field.schema);
  json.end_object().key("required").begin_array();
  for (const Field& field : fields) json.value(field.name);
  json.end_array().end_object().end_object();
  return {std::string(key), "elicitation/create", std::move(params)};
}

mcp::InputRequest sampling(std::string_view key, std::string_view prompt, int max_tokens) {
  std::string params;
  JsonWriter json(params);
  json.begin_object().key("messages").begin_array().begin_object().field("role", "user");
  json.key("content").begin_object().field("type", "text").field("text", prompt).end_object();
  json.end_object().end_array().field("maxTokens", max_tokens).end_object();
  return {std::string(key), "sampling/createMessage", std::move(params)};
}

mcp::InputRequest roots(std::string_view key) {
  return {std::string(key), "roots/list", "{}"};
}

JsonValue reply_to(const mcp::Request& request, std::string_view key) {
  return *request.inputs->find(key);
}

}  // namespace rogerthat::conformance
