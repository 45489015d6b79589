// From a method and a path to a route of the table. A tree of path segments, made once
// from the table. A look-up allocates nothing. What a route does is not known here.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/route.h"

namespace rogerthat::api {

struct RouteMatch {
  const Route* route = nullptr;  // null: see path_known
  bool path_known = false;       // some other method answers here
  std::array<std::string_view, 2> parameters;

  // The channel that the call is about; empty: none.
  std::string_view channel() const {
    return route != nullptr && route->scope == Scope::on_channel ? parameters[0]
                                                                 : std::string_view();
  }
  // The last parameter of the path: a message, a webhook, an identity.
  std::string_view last() const { return parameters[1].empty() ? parameters[0] : parameters[1]; }
};

class Router {
 public:
  explicit Router(std::span<const Route> table);
  ~Router();

  // HEAD finds the GET route, unless that one waits.
  RouteMatch match(net::Method method, std::string_view path) const;
  // Its place in the table; the size of the table where there is none.
  std::size_t row_of(const RouteMatch& match) const {
    return match.route == nullptr ? table_.size()
                                  : static_cast<std::size_t>(match.route - table_.data());
  }
  // The methods of a path, as the Allow header lists them; empty: no such path.
  std::string allow(std::string_view path) const;

 private:
  struct Node;
  const Node* walk(std::string_view path, RouteMatch& match) const;

  const std::span<const Route> table_;
  std::unique_ptr<Node> root_;
};

// "/m/<name>/rest" in front of every route: takes it off `path` and gives the name.
struct PathPrefix {
  std::string_view name;  // empty: there is none
  std::string_view path;
};
PathPrefix split_edition_prefix(std::string_view path);

}  // namespace rogerthat::api
