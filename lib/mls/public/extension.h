// Extensions of leaves, key packages, groups and GroupInfos (RFC 9420 §13), and the typed content of those of
// §17.3.
#pragma once

#include <optional>
#include <vector>

#include "lib/mls/public/credential.h"
#include "lib/mls/public/types.h"

namespace wardline::mls {

/// §17.3. Other values are unknown extensions or GREASE and pass through untouched.
enum class ExtensionType : std::uint16_t {
  application_id = 1,
  ratchet_tree = 2,
  required_capabilities = 3,
  external_pub = 4,
  external_senders = 5,
};

/// §17.4.
enum class ProposalType : std::uint16_t {
  add = 1,
  update = 2,
  remove = 3,
  psk = 4,
  reinit = 5,
  external_init = 6,
  group_context_extensions = 7,
};

struct Extension {
  ExtensionType type{};
  Bytes data;
  bool operator==(const Extension&) const = default;
  WARDLINE_TLS_FIELDS(type, data)
};

using Extensions = std::vector<Extension>;

/// The first extension of this type, or nullptr. The pointee belongs to `extensions`.
const Extension* find_extension(const Extensions& extensions, ExtensionType type);

/// §13.4: no type twice.
bool has_duplicate_types(const Extensions& extensions);

/// §7.2, §11.1: what every member must support; in the GroupContext.
struct RequiredCapabilities {
  static constexpr ExtensionType kType = ExtensionType::required_capabilities;
  std::vector<ExtensionType> extension_types;
  std::vector<ProposalType> proposal_types;
  std::vector<CredentialType> credential_types;
  bool operator==(const RequiredCapabilities&) const = default;
  WARDLINE_TLS_FIELDS(extension_types, proposal_types, credential_types)
};

/// §5.3.3: an identifier that the application gives a leaf.
struct ApplicationId {
  static constexpr ExtensionType kType = ExtensionType::application_id;
  Bytes id;
  bool operator==(const ApplicationId&) const = default;
  WARDLINE_TLS_FIELDS(id)
};

/// §12.4.3.2: the key to which external joiners seal their init secret; in a GroupInfo.
struct ExternalPub {
  static constexpr ExtensionType kType = ExtensionType::external_pub;
  HpkePublicKey external_pub;
  bool operator==(const ExternalPub&) const = default;
  WARDLINE_TLS_FIELDS(external_pub)
};

/// §12.1.8.1.
struct ExternalSender {
  SignaturePublicKey signature_key;
  Credential credential;
  bool operator==(const ExternalSender&) const = default;
  WARDLINE_TLS_FIELDS(signature_key, credential)
};

/// §12.1.8.1: who may propose from outside; in the GroupContext. The wire form of the data is the bare
/// vector.
struct ExternalSenders {
  static constexpr ExtensionType kType = ExtensionType::external_senders;
  std::vector<ExternalSender> senders;
  bool operator==(const ExternalSenders&) const = default;
  WARDLINE_TLS_FIELDS(senders)
};

template <class Content>
Extension make_extension(const Content& content) {
  return {Content::kType, tls::encode(content)};
}

/// The content of the extension of type `Content`: nothing inside if it is absent, an error if it does not
/// parse.
template <class Content>
tls::Result<std::optional<Content>> read_extension(const Extensions& extensions) {
  const Extension* found = find_extension(extensions, Content::kType);
  if (!found) return std::optional<Content>();
  auto content = tls::decode<Content>(found->data);
  if (!content) return std::unexpected(content.error());
  return std::optional<Content>(std::move(*content));
}

}  // namespace wardline::mls
