// Message protection (RFC 9420 §6): from signed content to what travels, and back, for a member of the group.
#pragma once

#include "lib/crypto/signature.h"
#include "lib/mls/member/secret_tree.h"
#include "lib/mls/public/error.h"
#include "lib/mls/public/framing.h"

namespace wardline::mls {

/// §6.1: signs `content` for `wire_format`. `context` is the encoded GroupContext. A commit's confirmation
/// tag is still to be set: it depends on the signature.
Result<AuthenticatedContent> sign_framed_content(const crypto::Signer& signer, WireFormat wire_format,
                                                 FramedContent content, ByteView context);

/// §6.2: puts the membership tag on what a member sends in the open.
PublicMessage protect_public(const Suite& suite, AuthenticatedContent content, ByteView membership_key,
                             ByteView context);

/// §6.2: `Rule::membership_tag` unless the tag shows that the sender knows the group's secrets of this epoch.
/// Only for messages of members; others have no tag.
Result<void> verify_membership_tag(const Suite& suite, const PublicMessage& message, ByteView membership_key,
                                   ByteView context);

/// How PrivateMessages hide the length of what they carry: the plaintext is filled with zeros to a multiple
/// of this.
struct Padding {
  std::uint32_t block = 64;  ///< bytes; 1 for none
  WARDLINE_TLS_FIELDS(block)
};

/// §6.3: seals content. `leaf` is this member's.
Result<PrivateMessage> protect_private(const Suite& suite, const AuthenticatedContent& content,
                                       SecretTree& keys, ByteView sender_data_secret, Padding padding);

/// A PrivateMessage that has been decrypted, with its key still in the tree: the signature decides whether it
/// is consumed.
struct OpenedMessage {
  AuthenticatedContent content;
  SecretTree::Found key;
  std::uint32_t generation = 0;
};

/// §6.3: opens a message for the member at `own`. The caller verifies the signature and then consumes the
/// key.
Result<OpenedMessage> unprotect_private(const Suite& suite, const PrivateMessage& message, SecretTree& keys,
                                        ByteView sender_data_secret, LeafIndex own,
                                        const RatchetLimits& limits);

}  // namespace wardline::mls
