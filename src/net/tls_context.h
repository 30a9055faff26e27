#pragma once

#include <memory>

#include "common/status.h"
#include "net/server_options.h"
#include "net/tls_stream.h"

namespace skald::net {

// What TLS of the HTTP server needs: certificate, key, whose clients are let in. Files that change
// are read again, and hold for connections accepted a little later (TlsReload).
//
// Threads: any thread may call; one mutex, held to take or change a pointer.
class TlsContext {
 public:
  // Reads the files of `options.tls`; null without a certificate. kInvalidArgument, naming
  // the setting and the file, for what cannot be read, is not what it should be or does not fit
  // together.
  static Result<std::unique_ptr<const TlsContext>> Open(const HttpServerOptions& options);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // The server's side of TLS over the connected socket `fd`, which is not taken over.
  std::unique_ptr<TlsStream> Accept(int fd) const;

 private:
  struct Rep;  // Keeps OpenSSL out of this header.
  explicit TlsContext(std::unique_ptr<Rep> rep);

  const std::unique_ptr<Rep> rep_;
};

}  // namespace skald::net
