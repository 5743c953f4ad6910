// Which servers a client believes: those that the system's authorities vouch for, or one certificate that it
// was given.
#pragma once

#include <memory>
#include <string>

#include "client/net/asio_types.h"

namespace wardline::client {

/// TLS 1.2 at least, 1.3 preferred, the server's name checked. `certificate_file`: PEM, instead of the
/// system's authorities; empty for those. Throws boost::system::system_error if it cannot be read.
std::unique_ptr<boost::asio::ssl::context> make_tls_context(const std::string& certificate_file);

}  // namespace wardline::client
