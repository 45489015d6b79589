#include "base/thread_random.h"

namespace rogerthat {

Random& random_source() {
  thread_local SystemRandom random;
  return random;
}

}  // namespace rogerthat
