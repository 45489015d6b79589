// From a method and a path to a route of the table. Lives here: a tree of path segments, made once
// from routes(). A look-up allocates nothing. What a route does is not known here.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/routes.h"

namespace rogerthat::api {

struct RouteMatch {
  const Route* route = nullptr;  // null: see path_known
  bool path_known = false;       // some other method answers here
  std::array<std::string_view, 2> parameters;

  std::string_view channel() const { return parameters[0]; }
};

class Router {
 public:
  explicit Router(std::span<const Route> table);
  ~Router();

  // HEAD finds the GET route, unless that one waits.
  RouteMatch match(net::Method method, std::string_view path) const;
  // The methods of a path, as the Allow header lists them; empty: no such path.
  std::string allow(std::string_view path) const;

 private:
  struct Node;
  const Node* walk(std::string_view path, RouteMatch& match) const;

  std::unique_ptr<Node> root_;
};

// "/m/<name>/rest" in front of every route: takes it off `path` and gives the name.
struct PathPrefix {
  std::string_view name;  // empty: there is none
  std::string_view path;
};
PathPrefix split_edition_prefix(std::string_view path);

}  // namespace rogerthat::api
