// TLS over a non-blocking socket. The certificate's context and the calls that a
// connection makes on its session. OpenSSL stays inside this pair of files.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "net/socket.h"

struct ssl_st;
struct ssl_ctx_st;

namespace rogerthat::net {

struct TlsFree {
  void operator()(ssl_st* session) const;
  void operator()(ssl_ctx_st* context) const;
};
using TlsSession = std::unique_ptr<ssl_st, TlsFree>;

// The certificate in use. Any thread; sessions keep the context they began with.
class TlsContext {
 public:
  // Keeps what was loaded before when the files are bad; the error names the file and the reason.
  Result<void> load(const std::string& certificate_file, const std::string& key_file);
  TlsSession new_session(int fd) const;  // null: out of memory

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<ssl_ctx_st, TlsFree> context_;
};

IoResult tls_handshake(ssl_st* session);
IoResult tls_read(ssl_st* session, char* data, std::size_t size);
IoResult tls_write(ssl_st* session, const iovec* pieces, int count);
void tls_say_goodbye(ssl_st* session);  // close_notify, as far as the socket takes it

}  // namespace rogerthat::net
