#include "client/net/tls_trust.h"

#include <boost/asio/ssl/context.hpp>

namespace wardline::client {

std::unique_ptr<boost::asio::ssl::context> make_tls_context(const std::string& certificate_file) {
  namespace ssl = boost::asio::ssl;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  context->set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context->set_verify_mode(ssl::verify_peer);
  if (certificate_file.empty()) {
    context->set_default_verify_paths();
  } else {
    context->load_verify_file(certificate_file);
  }
  return context;
}

}  // namespace wardline::client
