#include "base/version.h"

namespace rogerthat {

std::string_view version() {
  return ROGERTHAT_VERSION;
}

}  // namespace rogerthat
