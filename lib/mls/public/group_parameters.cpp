#include "lib/mls/public/group_parameters.h"

#include <algorithm>

#include "lib/crypto/signature.h"
#include "lib/mls/public/leaf_validation.h"

namespace wardline::mls {

Result<GroupParameters> GroupParameters::create(ProtocolVersion version, CipherSuite suite) {
  GroupParameters parameters;
  // RFC 9420 §11.1: all members support the version and the cipher suite in use; so must we.
  if (version != ProtocolVersion::mls10) return broken(Rule::group_version_supported);
  parameters.suite = crypto::find_suite(suite);
  if (!parameters.suite) return broken(Rule::group_suite_supported);
  return parameters;
}

Result<GroupParameters> GroupParameters::create(ProtocolVersion version, CipherSuite suite,
                                                const Extensions& extensions) {
  auto parameters = create(version, suite);
  if (!parameters) return parameters;
  // RFC 9420 §13.4: no list of extensions has two of one type.
  if (has_duplicate_types(extensions)) return broken(Rule::group_context_extensions_unique);
  for (const Extension& extension : extensions) parameters->extension_types.push_back(extension.type);

  auto required = read_extension<RequiredCapabilities>(extensions);
  if (!required) return broken(Rule::required_capabilities_parse);
  if (*required) parameters->required = std::move(**required);
  auto senders = read_extension<ExternalSenders>(extensions);
  if (!senders) return broken(Rule::external_senders_parse);
  if (*senders) parameters->external_senders = std::move((*senders)->senders);
  return parameters;
}

bool GroupParameters::extensions_supported_by(const Capabilities& capabilities) const {
  return std::ranges::all_of(extension_types,
                             [&](ExtensionType type) { return capabilities.supports(type); });
}

Result<void> validate_external_senders(const GroupParameters& parameters, const Validation& validation) {
  for (const auto& [signature_key, credential] : parameters.external_senders) {
    // RFC 9420 §12.1.8.1: an external sender signs with the group's signature scheme.
    if (!crypto::VerificationKey::from_raw(parameters.suite->signature, signature_key)) {
      return broken(Rule::external_sender_key_valid);
    }
    WARDLINE_MLS_TRY(check_certificate_key(credential, signature_key));
    // RFC 9420 §5.3.1: the authentication service is asked whenever external_senders is added or updated.
    if (!validation.credentials.accepts(credential, signature_key, CredentialRole::external_sender)) {
      return broken(Rule::external_sender_credential);
    }
  }
  return {};
}

}  // namespace wardline::mls
