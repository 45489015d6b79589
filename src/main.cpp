#include <cstdio>
#include <exception>

#include "cli/command.h"

int main(int argc, char** argv) {
  try {
    return rogerthat::cli::run(argc, argv);
  } catch (const std::exception& error) {  // out of memory, out of threads
    std::fprintf(stderr, "rogerthat: %s\n", error.what());
    return rogerthat::cli::kFailure;
  }
}
