// What a legacy MCP session has joined: the hub keeps the handles for it, so that its tools need
// none. The list has a short lock, because any thread may get a request of the
// session.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.h"
#include "mcp/application.h"

namespace rogerthat::api {

struct Binding {
  std::string channel_id;
  std::string session_id;
  std::string callsign;
  Millis session_ttl = core::kSessionTtlDefault;
  core::MessageId told = 0;  // the highest id that an answer has brought
};

class Bindings {
 public:
  static constexpr std::size_t kMax = 32;

  std::optional<Binding> current() const;  // of the channel joined last
  std::optional<Binding> find(std::string_view channel_id) const;
  std::vector<Binding> all() const;
  Millis longest_ttl() const;  // of the sessions; 0: nothing is joined

  // Joined: becomes the current one. What must be left now comes back: the others unless they are
  // to be kept, and everything once the session has ended.
  std::vector<Binding> add(Binding joined, bool keep_others);
  void remove(std::string_view channel_id, std::string_view session_id);

  void tell(std::string_view channel_id, core::MessageId id);  // an answer brings it

  std::vector<Binding> end();  // what is joined now; nothing is added any more

 private:
  mutable std::mutex mutex_;
  std::vector<Binding> joined_;  // the current one last
  bool ended_ = false;
};

}  // namespace rogerthat::api
