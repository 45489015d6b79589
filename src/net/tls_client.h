// TLS towards servers: whose certificates are believed, and for which name. The
// context; the calls on a session are those of tls.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/tls.h"

namespace rogerthat::net {

class TlsClientContext {
 public:
  // The certificate authorities of the system, and those in `ca_file` (PEM) beside them, where it
  // is given. TLS 1.2 at least; a certificate that does not verify ends the handshake.
  static Result<TlsClientContext> create(const std::string& ca_file = {});

  // `host` must be what the certificate is made out to: a name (also sent as SNI) or an address.
  // `protocol` is offered by ALPN; empty: none is, and some servers insist on that. Null: out of
  // memory.
  TlsSession new_session(int fd, const std::string& host, std::string_view protocol) const;

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

// Why a handshake failed, for a person.
std::string tls_failure(ssl_st* session);

}  // namespace rogerthat::net
