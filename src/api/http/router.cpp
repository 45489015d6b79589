#include "api/http/router.h"

#include <algorithm>
#include <utility>

namespace rogerthat::api {

struct Router::Node {
  std::vector<std::pair<std::string_view, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<const Route*> routes;  // that end here
  std::vector<const Route*> below;   // "/docs/*": that answer for everything below

  Node& child(std::string_view segment) {
    if (segment.starts_with('{')) {
      if (!parameter) parameter = std::make_unique<Node>();
      return *parameter;
    }
    for (auto& [name, node] : literals) {
      if (name == segment) return *node;
    }
    return *literals.emplace_back(segment, std::make_unique<Node>()).second;
  }

  const Node* find(std::string_view segment) const {
    for (const auto& [name, node] : literals) {
      if (name == segment) return node.get();
    }
    return nullptr;
  }
};

namespace {

// Takes the first segment off a path that starts with a slash.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

std::string_view without_trailing_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

const Route* pick(const std::vector<const Route*>& routes, net::Method method) {
  const net::Method wanted = method == net::Method::head ? net::Method::get : method;
  for (const Route* route : routes) {
    if (route->method != wanted) continue;
    return method == net::Method::head && route->has(kWaits) ? nullptr : route;
  }
  return nullptr;
}

}  // namespace

Router::Router(std::span<const Route> table) : table_(table), root_(std::make_unique<Node>()) {
  for (const Route& route : table) {
    Node* node = root_.get();
    std::string_view rest = route.path == "/" ? std::string_view() : route.path;
    bool wildcard = false;
    while (!rest.empty()) {
      const std::string_view segment = next_segment(rest);
      wildcard = segment == "*";
      if (!wildcard) node = &node->child(segment);
    }
    (wildcard ? node->below : node->routes).push_back(&route);
  }
}

Router::~Router() = default;

// Parameters are taken only where no literal fits, and never empty.
const Router::Node* Router::walk(std::string_view path, RouteMatch& match) const {
  if (!path.starts_with('/')) return nullptr;
  path = without_trailing_slash(path);
  if (path == "/") return root_.get();
  const Node* node = root_.get();
  std::size_t parameters = 0;
  while (!path.empty()) {
    if (!node->below.empty()) return node;
    const std::string_view segment = next_segment(path);
    if (const Node* literal = node->find(segment)) {
      node = literal;
    } else if (node->parameter && !segment.empty() && parameters < match.parameters.size()) {
      match.parameters[parameters++] = segment;
      node = node->parameter.get();
    } else {
      return nullptr;
    }
  }
  return node;
}

RouteMatch Router::match(net::Method method, std::string_view path) const {
  RouteMatch match;
  const Node* const node = walk(path, match);
  if (node == nullptr) return match;
  match.path_known = !node->routes.empty() || !node->below.empty();
  match.route = pick(node->routes, method);
  if (match.route == nullptr) match.route = pick(node->below, method);
  return match;
}

std::string Router::allow(std::string_view path) const {
  RouteMatch match;
  std::string out;
  const Node* const node = walk(path, match);
  if (node == nullptr) return out;
  const auto add = [&](std::string_view method) {
    if (!out.empty()) out += ", ";
    out += method;
  };
  for (const auto* routes : {&node->routes, &node->below}) {
    for (const Route* route : *routes) {
      add(net::to_string(route->method));
      if (route->method == net::Method::get && !route->has(kWaits)) add("HEAD");
    }
  }
  return out;
}

PathPrefix split_edition_prefix(std::string_view path) {
  if (!path.starts_with("/m/")) return {{}, path};
  std::string_view rest = path.substr(2);
  const std::string_view name = next_segment(rest);
  if (name.empty()) return {{}, path};
  return {name, rest.empty() ? std::string_view("/") : rest};
}

}  // namespace rogerthat::api
