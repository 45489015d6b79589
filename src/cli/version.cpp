#include "cli/version.h"

namespace rogerthat::cli {

std::string_view version() {
  return ROGERTHAT_VERSION;
}

}  // namespace rogerthat::cli
