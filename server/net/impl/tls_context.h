// The TLS set-up of the server (ENC-2): 1.3 preferred, 1.2 the floor, forward secrecy and authenticated
// encryption only.
#pragma once

#include <memory>

#include <openssl/ssl.h>

#include "server/core/error.h"
#include "server/net/server.h"

namespace wardline::net {

/// Shared by connections that outlive a change of the certificate.
using TlsContext = std::shared_ptr<SSL_CTX>;

/// Errors say which file is wrong, and how.
core::Result<TlsContext> create_tls_context(const TlsFiles& files);

}  // namespace wardline::net
