#include "server/net/impl/tls_context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include <fmt/format.h>
#include <openssl/err.h>

#include "server/net/impl/ticket_keys.h"

namespace wardline::net {
namespace {

using core::ErrorKind;
using core::fail;
using core::Result;

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "no reason given";
}

// ALPN: http/1.1 is all we speak. A client that offers other protocols only is told so (RFC 7301 §3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, length, ours, sizeof(ours) - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

bool restrict_to_strong(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_max_early_data(context, 0);  // 0-RTT data can be replayed.
  // ENC-2: approved authenticated encryption, ephemeral key agreement.
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384") == 1 &&
         SSL_CTX_set_cipher_list(context,
                                 "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                 "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
}

void keep_small(SSL_CTX* context) {
  // Record buffers are given back while a connection is idle: thousands of sockets are.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);  // One system call for a record instead of two.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
}

Result<void> check_key_file(const std::string& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || access(path.c_str(), R_OK) != 0)
    return fail(ErrorKind::unavailable, "tls-key",
                fmt::format("Cannot read the TLS key {}: {}.", path, std::strerror(errno)));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) & ~S_IRGRP)
    return fail(ErrorKind::invalid, "tls-key",
                fmt::format("The TLS key {} can be read by everybody: run chmod 600 on it.", path));
  return {};
}

Result<void> load_files(SSL_CTX* context, const TlsFiles& files) {
  if (access(files.certificate.c_str(), R_OK) != 0)
    return fail(
        ErrorKind::unavailable, "tls-certificate",
        fmt::format("Cannot read the TLS certificate {}: {}.", files.certificate, std::strerror(errno)));
  if (auto readable = check_key_file(files.key); !readable) return readable;
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1)
    return fail(ErrorKind::invalid, "tls-certificate",
                fmt::format("{} holds no PEM certificate that can be used: {}.", files.certificate,
                            openssl_reason()));
  // OpenSSL checks the key against the certificate while it loads it, and says so only through the reason.
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    const std::string why = openssl_reason();
    if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH)
      return fail(
          ErrorKind::invalid, "tls-mismatch",
          fmt::format(
              "The TLS key {} does not belong to the certificate {}: give the pair that was issued together.",
              files.key, files.certificate));
    return fail(ErrorKind::invalid, "tls-key",
                fmt::format("{} holds no PEM private key that can be used: {}.", files.key, why));
  }
  if (SSL_CTX_check_private_key(context) != 1)
    return fail(
        ErrorKind::invalid, "tls-mismatch",
        fmt::format(
            "The TLS key {} does not belong to the certificate {}: give the pair that was issued together.",
            files.key, files.certificate));
  return {};
}

}  // namespace

Result<TlsContext> create_tls_context(const TlsFiles& files) {
  ERR_clear_error();
  // ENC-5: with the property query "fips=yes" every algorithm has to come from a validated provider, or
  // nothing loads.
  TlsContext context(SSL_CTX_new_ex(nullptr, files.fips ? "fips=yes" : nullptr, TLS_server_method()),
                     SSL_CTX_free);
  if (!context || !restrict_to_strong(context.get()))
    return fail(ErrorKind::unavailable, "tls-provider",
                files.fips
                    ? "A FIPS provider is required by the configuration, and OpenSSL has none: install and "
                      "configure one, or set fips = false."
                    : fmt::format("OpenSSL cannot be set up for TLS: {}.", openssl_reason()));
  keep_small(context.get());
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  install_ticket_keys(context.get());
  if (auto loaded = load_files(context.get(), files); !loaded) return std::unexpected(loaded.error());
  return context;
}

}  // namespace wardline::net
