// Keys for TLS session tickets, which change by themselves, so that a key stolen from memory opens little.
#pragma once

#include <openssl/ssl.h>

namespace wardline::net {

/// Lets `context` hand out session tickets under keys that live two hours: one encrypting, and the next one
/// only decrypting. The keys belong to the context.
void install_ticket_keys(SSL_CTX* context);

}  // namespace wardline::net
