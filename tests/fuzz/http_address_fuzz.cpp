// An address that parses prints as text that parses to it; a network contains its own base; and
// no forwarding header, whatever it holds, makes an untrusted peer somebody else.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/http_parser.h"
#include "net/proxies.h"

namespace net = rogerthat::net;

namespace {
void must(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto address = net::IpAddress::parse(text)) {
    must(net::IpAddress::parse(address->to_string()) == address);
    must(address->limit_key().limit_key() == address->limit_key());
  }
  if (const auto network = net::IpNetwork::parse(text)) {
    must(network->prefix >= 0 && network->prefix <= 128 && network->contains(network->base));
  }
  net::is_valid_authority(text);

  static const net::ProxyRules rules({*net::IpNetwork::parse("10.0.0.0/8")}, "Client-Address");
  const net::Header headers[] = {{"X-Forwarded-For", text},
                                 {"X-Forwarded-Host", text},
                                 {"X-Forwarded-Proto", text},
                                 {"Client-Address", text}};
  for (const char* peer : {"10.1.1.1", "9.9.9.9"}) {
    net::Request request;
    request.headers = headers;
    request.forwarded = true;
    request.peer = *net::IpAddress::parse(peer);
    const bool trusted = rules.trusts(request.peer);
    rules.apply(request, trusted);
    must(trusted || (request.client == request.peer && request.host.empty() && !request.secure));
    must(request.host.empty() || net::is_valid_authority(request.host));
  }
  return 0;
}
