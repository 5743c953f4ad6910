// Which implementation of the primitives this process uses. Called once by main, before anything else of
// lib/crypto.
#pragma once

#include <string>
#include <string_view>

#include "lib/crypto/error.h"

namespace wardline::crypto {

/// `property_query` as OpenSSL understands it: empty for the default provider, "fips=yes" for the validated
/// module, which is then the only source of primitives. Fails closed: `unsupported` when the provider is
/// absent, does not start, or lacks what cipher suite 2 needs, and for a query with an optional clause
/// ("?fips=yes"); `provider_failure` when another choice is already in use. Without this call the first use
/// chooses the default provider.
Result<void> use_provider(std::string_view property_query);

/// Name and version of what is in use, for the status page: "OpenSSL Default Provider 3.0.22".
std::string provider_description();

}  // namespace wardline::crypto
