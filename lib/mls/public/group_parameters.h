// What a GroupContext demands of members and grants to others, parsed once (RFC 9420 §11.1, §12.1.8.1,
// §13.4).
#pragma once

#include "lib/mls/public/error.h"
#include "lib/mls/public/group_info.h"
#include "lib/mls/public/validation.h"

namespace wardline::mls {

struct GroupParameters {
  ProtocolVersion version = ProtocolVersion::mls10;
  const Suite* suite = nullptr;
  std::vector<ExtensionType> extension_types;
  RequiredCapabilities required;
  std::vector<ExternalSender> external_senders;

  /// A group of this version and suite without extensions: for judging a key package that is for no group
  /// yet.
  static Result<GroupParameters> create(ProtocolVersion version, CipherSuite suite);
  /// The same with the extensions of a GroupContext.
  static Result<GroupParameters> create(ProtocolVersion version, CipherSuite suite,
                                        const Extensions& extensions);
  /// Whether a member with these capabilities supports each extension that the GroupContext has (§13.4).
  bool extensions_supported_by(const Capabilities& capabilities) const;
};

/// Checks keys and credentials of the external senders; called when they are new to whoever checks.
Result<void> validate_external_senders(const GroupParameters& parameters, const Validation& validation);

}  // namespace wardline::mls
