#include "api/http/unknown_fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "api/http/field_names.h"
#include "base/encoding.h"
#include "base/utf8.h"

namespace rogerthat::api {

namespace {

enum class Where : std::uint8_t { body, query };

std::vector<std::string_view> names_in(const Route& route, Where where) {
  std::vector<std::string_view> names;
  for (const FieldDoc& field : route.fields) {
    if (field.in_query != (where == Where::query)) continue;
    names.push_back(field.name);
    if (!field.also.empty()) names.push_back(field.also);
  }
  return names;
}

bool has_parameter(const Route& route, std::string_view name) {
  return std::ranges::any_of(
      route.fields, [name](const FieldDoc& field) { return field.in_query && field.name == name; });
}

bool has_fields_in(const Route& route, Where where) {
  const bool query = where == Where::query;
  return std::ranges::any_of(route.fields,
                             [query](const FieldDoc& field) { return field.in_query == query; });
}

// Pages and documents are left alone: links to them collect parameters on their way.
bool is_api_route(const Route& route) {
  return route.path.starts_with("/api/");
}

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

std::string_view shown(std::string_view name) {
  constexpr std::size_t kShown = 64;
  return is_valid_utf8(name) ? cut_to_code_points(name, kShown) : "(not UTF-8)";
}

// Judges names by what the route has at their place and at the other one.
class Judge {
 public:
  Judge(Call& call, Where where)
      : call_(call),
        route_(*call.match.route),
        where_(where),
        here_(names_in(route_, where)),
        elsewhere_(names_in(route_, where == Where::body ? Where::query : Where::body)) {}

  Result<void> take(std::string_view name) {
    const std::string_view meant = meant_name(name, here_);
    if (!meant.empty()) return std::unexpected(refused(name, meant));
    if (std::ranges::find(elsewhere_, name) != elsewhere_.end()) {
      return std::unexpected(misplaced(name));
    }
    if (where_ == Where::body && route_.auth == RouteAuth::admin) {
      return std::unexpected(refused(name, {}));
    }
    call_.answer.ignore(name);
    return {};
  }

 private:
  Error refused(std::string_view name, std::string_view meant) const {
    std::string sentence = fmt::format("{} has no {} \"{}\"", route_.name,
                                       where_ == Where::query ? "parameter" : "field", shown(name));
    sentence += meant.empty() ? "." : fmt::format(": did you mean \"{}\"?", meant);
    return {ErrorCode::invalid, std::move(sentence),
            here_.empty() ? "It has none." : fmt::format("It has {}.", listed(here_))};
  }
  Error misplaced(std::string_view name) const {
    if (where_ == Where::body) {
      return {
          ErrorCode::invalid,
          fmt::format("{} is a query parameter of {}, no field of its body.", name, route_.name),
          fmt::format("Append ?{}=… to the URL.", name)};
    }
    return {ErrorCode::invalid,
            fmt::format("{} is a field of the body of {}, no query parameter.", name, route_.name),
            fmt::format("Send it as JSON: {{\"{}\": …}}.", name)};
  }

  Call& call_;
  const Route& route_;
  const Where where_;
  const std::vector<std::string_view> here_, elsewhere_;
};

}  // namespace

Result<void> settle_unknown(Call& call, const FieldReader& reader) {
  Judge judge(call, Where::body);
  for (const std::string_view name : reader.unknown().looked_at()) {
    if (auto ok = judge.take(name); !ok) return ok;
  }
  call.answer.ignore_more(reader.unknown().count() - reader.unknown().looked_at().size());
  return {};
}

Result<void> check_parameters(Call& call) {
  if (call.request.query.empty()) return {};
  const Route& route = *call.match.route;
  if (!is_api_route(route)) return {};
  std::optional<Judge> judge;  // most calls need none
  std::string_view rest = call.request.query;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::string_view sent = pair.substr(0, pair.find('='));
    if (sent.empty() || has_parameter(route, sent)) continue;
    const std::string name = percent_decode(sent, true).value_or(std::string(sent));
    if (has_parameter(route, name)) continue;
    if (!judge) judge.emplace(call, Where::query);
    if (auto ok = judge->take(name); !ok) return ok;
  }
  return {};
}

Result<void> check_needless_body(Call& call) {
  const Route& route = *call.match.route;
  if (call.request.body.empty() || !is_api_route(route) || has_fields_in(route, Where::body)) {
    return {};
  }
  FieldReader reader;
  return read_body(call, reader);
}

}  // namespace rogerthat::api
