#include "net/tls_client.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "net/address.h"

namespace rogerthat::net {

Result<TlsClientContext> TlsClientContext::create(const std::string& ca_file) {
  ERR_clear_error();
  TlsClientContext made;
  made.context_.reset(SSL_CTX_new(TLS_client_method()), TlsFree());
  SSL_CTX* context = made.context_.get();
  if (context == nullptr) return fail(ErrorCode::internal, "TLS cannot be set up.");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // A machine without any is not our error: nothing will verify, and the handshake says so.
  SSL_CTX_set_default_verify_paths(context);
  if (!ca_file.empty() && SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) != 1) {
    ERR_clear_error();
    return fail(ErrorCode::invalid,
                fmt::format("the file of certificate authorities '{}' cannot be used", ca_file),
                "it must hold certificates in PEM form");
  }
  ERR_clear_error();
  return made;
}

TlsSession TlsClientContext::new_session(int fd, const std::string& host,
                                         std::string_view protocol) const {
  ERR_clear_error();
  TlsSession session(SSL_new(context_.get()));
  if (!session) return session;
  bool ready = SSL_set_fd(session.get(), fd) == 1;
  if (!protocol.empty()) {
    const std::string list = static_cast<char>(protocol.size()) + std::string(protocol);
    ready = ready &&
            SSL_set_alpn_protos(session.get(), reinterpret_cast<const unsigned char*>(list.data()),
                                static_cast<unsigned>(list.size())) == 0;
  }
  if (IpAddress::parse(host)) {
    ready =
        ready && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host.c_str()) == 1;
  } else {
    SSL_set_hostflags(session.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ready = ready && SSL_set1_host(session.get(), host.c_str()) == 1 &&
            SSL_set_tlsext_host_name(session.get(), host.c_str()) == 1;
  }
  if (!ready) session.reset();
  if (session) SSL_set_connect_state(session.get());
  ERR_clear_error();
  return session;
}

std::string tls_failure(ssl_st* session) {
  const long verdict = SSL_get_verify_result(session);
  if (verdict == X509_V_OK) return "the TLS handshake failed";
  return fmt::format("the server's certificate is not accepted: {}",
                     X509_verify_cert_error_string(verdict));
}

}  // namespace rogerthat::net
