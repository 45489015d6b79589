#include "net/tls.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace rogerthat::net {

namespace {

constexpr std::size_t kRecordMax = 16 << 10;

// The first error is the cause; those behind it only say which call met it.
std::string first_reason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "no reason given";
}

// Only HTTP/1.1 is spoken here. A client that offers none of it goes on without ALPN: it may be an
// old one, and one that insists on HTTP/2 notices.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr std::string_view kHttp = "http/1.1";
  for (unsigned int at = 0; at < offered_size; at += 1U + offered[at]) {
    if (at + 1U + offered[at] > offered_size) break;
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (name != kHttp) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

IoResult result_of(SSL* session, int returned) {
  switch (SSL_get_error(session, returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::again, 0, true};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::finished, 0, true};
    default:
      ERR_clear_error();
      return {IoStatus::failed, 0, true};
  }
}

}  // namespace

void TlsFree::operator()(ssl_st* session) const {
  SSL_free(session);
}
void TlsFree::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

Result<void> TlsContext::load(const std::string& certificate_file, const std::string& key_file) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, TlsFree> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(ErrorCode::internal, "TLS cannot be set up: " + first_reason());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         // Many peers just close; that is no attack on HTTP,
                                         // whose messages say where they end.
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets, no memory of ours
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);

  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return fail(ErrorCode::invalid,
                fmt::format("the TLS certificate file '{}' cannot be used: {}", certificate_file,
                            first_reason()),
                "it must hold the certificate and its chain in PEM form");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(ErrorCode::invalid,
                fmt::format("the TLS key file '{}' cannot be used: {}", key_file, first_reason()),
                "it must hold the certificate's private key in PEM form, without a passphrase");
  }
  const std::lock_guard lock(mutex_);
  context_.swap(context);
  return {};
}

TlsSession TlsContext::new_session(int fd) const {
  TlsSession session;
  {
    const std::lock_guard lock(mutex_);
    session.reset(SSL_new(context_.get()));  // holds its context from here on
  }
  if (session && SSL_set_fd(session.get(), fd) != 1) session.reset();
  if (session) SSL_set_accept_state(session.get());
  ERR_clear_error();
  return session;
}

IoResult tls_handshake(ssl_st* session) {
  ERR_clear_error();
  const int returned = SSL_do_handshake(session);
  if (returned == 1) return {};
  return result_of(session, returned);
}

IoResult tls_read(ssl_st* session, char* data, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    ERR_clear_error();
    std::size_t bytes = 0;
    const int returned = SSL_read_ex(session, data + got, size - got, &bytes);
    if (returned == 1) {
      got += bytes;
      continue;
    }
    const IoResult result = result_of(session, returned);
    if (got == 0) return result;
    // An end or a failure is said again by the next read.
    return {IoStatus::done, got, result.status == IoStatus::again};
  }
  return {IoStatus::done, got, false};
}

IoResult tls_write(ssl_st* session, const iovec* pieces, int count) {
  // One record for what is small: a head and its body go out together. A write that is repeated
  // must offer at least what it offered before, so the rule depends on nothing but the bytes.
  thread_local std::string joined;
  std::size_t written = 0;
  int at = 0;
  std::size_t offset = 0;
  while (at < count) {
    const char* data = static_cast<const char*>(pieces[at].iov_base) + offset;
    std::size_t size = std::min(pieces[at].iov_len - offset, kRecordMax);
    if (size < kRecordMax && at + 1 < count) {
      joined.assign(data, size);
      for (int next = at + 1; next < count && joined.size() < kRecordMax; ++next) {
        joined.append(static_cast<const char*>(pieces[next].iov_base),
                      std::min(pieces[next].iov_len, kRecordMax - joined.size()));
      }
      data = joined.data();
      size = joined.size();
    }
    if (size == 0) break;
    ERR_clear_error();
    std::size_t bytes = 0;
    const int returned = SSL_write_ex(session, data, size, &bytes);
    if (returned != 1) {
      const IoResult result = result_of(session, returned);
      if (written > 0 && result.status == IoStatus::again) break;
      return {result.status == IoStatus::again ? IoStatus::again : IoStatus::failed, written};
    }
    written += bytes;
    for (offset += bytes; at < count && offset >= pieces[at].iov_len; ++at) {
      offset -= pieces[at].iov_len;
    }
  }
  return {IoStatus::done, written};
}

void tls_say_goodbye(ssl_st* session) {
  ERR_clear_error();
  SSL_shutdown(session);
  ERR_clear_error();
}

}  // namespace rogerthat::net
