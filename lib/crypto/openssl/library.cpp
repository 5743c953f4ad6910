#include "lib/crypto/openssl/library.h"

#include <cstdlib>
#include <memory>

#include <openssl/conf.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/obj_mac.h>
#include <openssl/provider.h>

#include "lib/crypto/openssl/owned.h"
#include "lib/crypto/provider.h"

namespace wardline::crypto {
namespace {

struct CurveName {
  const char* group;
  int nid;
  int field_size;
};
constexpr std::array<CurveName, 3> kCurves = {
    {{"P-256", NID_X9_62_prime256v1, 32}, {"P-384", NID_secp384r1, 48}, {"P-521", NID_secp521r1, 66}}};
constexpr std::array kHashNames = {"SHA2-256", "SHA2-384", "SHA2-512"};
constexpr std::array kCipherNames = {"AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305"};

bool load_providers(OSSL_LIB_CTX* context, std::string_view properties) {
  if (properties.find("fips=yes") == std::string_view::npos) {
    return OSSL_PROVIDER_load(context, "default") != nullptr;
  }
  // The module checks itself against a digest that the system's configuration holds. "base" has the encoders
  // only.
  char* configuration = CONF_get1_default_config_file();
  const bool configured = configuration != nullptr && OSSL_LIB_CTX_load_config(context, configuration) == 1;
  OPENSSL_free(configuration);
  return configured && OSSL_PROVIDER_load(context, "fips") != nullptr &&
         OSSL_PROVIDER_load(context, "base") != nullptr;
}

EVP_MAC_CTX* make_hmac(const Library& library, const char* hash_name) {
  const Owned<EVP_MAC, EVP_MAC_free> hmac(EVP_MAC_fetch(library.context, "HMAC", library.properties.c_str()));
  if (!hmac) return nullptr;
  MacContext context(EVP_MAC_CTX_new(hmac.get()));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(hash_name), 0),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_PROPERTIES,
                                       const_cast<char*>(library.properties.c_str()), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_CTX_set_params(context.get(), parameters) != 1) return nullptr;
  return context.release();
}

Curve make_curve(const Library& library, const CurveName& name) {
  Curve curve{.field_size = name.field_size};
  const char* properties = library.properties.c_str();
  const PkeyContext context(EVP_PKEY_CTX_new_from_name(library.context, "EC", properties));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(name.group), 0),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &curve.parameters, EVP_PKEY_KEY_PARAMETERS, parameters) != 1) {
    return {};
  }
  curve.group = EC_GROUP_new_by_curve_name_ex(library.context, properties, name.nid);
  return curve.group != nullptr ? curve : Curve{};
}

/// Null if the provider is absent or lacks what cipher suite 2 and the audit log need.
std::unique_ptr<Library> make_library(std::string_view properties) {
  auto made = std::make_unique<Library>();
  made->properties = properties;
  made->restricted = !properties.empty();
  made->context = OSSL_LIB_CTX_new();
  if (made->context == nullptr || !load_providers(made->context, properties)) return nullptr;
  const char* query = made->properties.c_str();
  // So that what OpenSSL fetches by itself obeys the same query.
  if (EVP_set_default_properties(made->context, query) != 1) return nullptr;
  for (std::size_t i = 0; i < kHashNames.size(); ++i) {
    made->hashes[i] = EVP_MD_fetch(made->context, kHashNames[i], query);
    made->hmacs[i] = make_hmac(*made, kHashNames[i]);
    if (made->hashes[i] == nullptr || made->hmacs[i] == nullptr) return nullptr;
  }
  for (std::size_t i = 0; i < kCipherNames.size(); ++i) {
    made->ciphers[i] = EVP_CIPHER_fetch(made->context, kCipherNames[i], query);
  }
  for (std::size_t i = 0; i < kCurves.size(); ++i) made->curves[i] = make_curve(*made, kCurves[i]);
  made->pbkdf2 = EVP_KDF_fetch(made->context, "PBKDF2", query);
  ERR_clear_error();  // What the provider does not offer is no error here.
  const bool enough =
      made->ciphers[0] != nullptr && made->ciphers[1] != nullptr && made->curves[0].group != nullptr;
  return enough ? std::move(made) : nullptr;
}

/// The first caller's query decides for the life of the process; null if it could not be had.
const Library* made_once(std::string_view properties) {
  static const Library* const made = make_library(properties).release();
  return made;
}

}  // namespace

const Library& library() {
  const Library* current = made_once("");
  if (current == nullptr) [[unlikely]]
    std::abort();
  return *current;
}

Result<void> use_provider(std::string_view property_query) {
  // "?" makes a clause a preference, which falls back to another implementation in silence.
  if (property_query.find('?') != std::string_view::npos) return std::unexpected(Error::unsupported);
  const Library* current = made_once(property_query);
  if (current == nullptr) return refused(Error::unsupported);
  if (current->properties != property_query) return std::unexpected(Error::provider_failure);
  return {};
}

std::string provider_description() {
  const OSSL_PROVIDER* provider = EVP_MD_get0_provider(fetched(HashAlgorithm::sha256));
  const char* name = nullptr;
  const char* version = nullptr;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_NAME, const_cast<char**>(&name), 0),
      OSSL_PARAM_construct_utf8_ptr(OSSL_PROV_PARAM_VERSION, const_cast<char**>(&version), 0),
      OSSL_PARAM_construct_end()};
  if (OSSL_PROVIDER_get_params(provider, parameters) != 1 || name == nullptr || version == nullptr)
    return "unknown";
  return std::string(name) + " " + version;
}

}  // namespace wardline::crypto
