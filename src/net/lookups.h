// Names to addresses, for the whole process: getaddrinfo() blocks, so it runs on threads of its
// own, a bounded number of them. What waits for a thread is bounded too; beyond that a look-up
// fails at once.
//
// A look-up cannot be called off, and one that no name server answers takes seconds. So that such
// names hold up no others, threads are shared out by how the last look-up of a name went: quick
// ones come first and may have all threads; names that are not known yet leave some free; slow ones
// get few. Of names that are not known to be quick, those of one zone (example.org) get few as
// well: it is a zone that has dead name servers, or an owner who thinks up a thousand names. A name
// is looked up once at a time, whoever else asks for it meanwhile.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "net/address.h"

namespace rogerthat::net {

using FoundAddresses = std::expected<std::vector<IpAddress>, std::string>;  // the error: why not

// Asks the system, on this thread.
FoundAddresses look_up_addresses(const std::string& host);

struct LookupOptions {
  std::size_t threads_max = 16;
  std::size_t unknown_max = 12;  // threads for names that are not known to be quick
  std::size_t slow_max = 4;      // threads for names that were slow
  std::size_t zone_max = 4;      // threads for names of one zone that are not known to be quick
  std::size_t waiting_max = 1000;
  std::size_t zone_waiting_max = 250;  // of one zone, such names
  std::size_t remembered_max = 4096;   // names whose last look-up is remembered, at least
  Millis slow = kSecond;               // a look-up that takes as long
  std::function<FoundAddresses(const std::string&)> look_up = look_up_addresses;
};

class Lookups {
 public:
  using Tell = std::move_only_function<void(const FoundAddresses&)>;

  explicit Lookups(LookupOptions options = {});
  // Look-ups that run end by themselves, and are told to whoever asked; what waits is forgotten.
  ~Lookups();
  Lookups(const Lookups&) = delete;
  Lookups& operator=(const Lookups&) = delete;

  // Those of this process. They live as long as it does.
  static Lookups& of_process();

  // Any thread. `tell` is called once, on a thread of the look-ups, or within this call where the
  // name cannot wait.
  void ask(const std::string& host, Tell tell);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace rogerthat::net
