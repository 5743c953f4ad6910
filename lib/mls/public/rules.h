// Every rule of RFC 9420 that a message can break: its id, its section, and what it demands. Each rule is
// checked in one place (grep for Rule::<id>) and has a test named Rule_<id> that breaks it and nothing else;
// script/mls-rules proves both and writes docs/mls-rules.md. Sections "limit" are bounds of our own against
// hostile input: see limits.h.
#pragma once

#include <cstdint>
#include <string_view>

// clang-format off
#define WARDLINE_MLS_PUBLIC_RULES(X) \
  /* Framing */ \
  X(malformed_message, "2.1", "A message decodes completely and nothing follows it") \
  X(message_size, "limit", "A message is no larger than the limit") \
  X(staged_from_present, "own", "A staged commit is applied to the state that it was staged from") \
  X(handshake_is_public, "6.2", "Who follows a group from outside is given handshake messages as PublicMessage") \
  X(group_id_matches, "6", "A handshake message names the group that processes it") \
  X(epoch_matches, "12.4.2", "A handshake message is of the current epoch") \
  X(application_data_is_private, "6", "Application data travels as PrivateMessage only") \
  X(sender_is_member, "6.1", "A member sender's leaf index names a leaf that is not blank") \
  X(external_sender_known, "6.1", "An external sender's index lies within the external_senders extension") \
  X(external_sender_proposes, "6.1", "An external sender sends proposals only") \
  X(external_sender_proposal_type, "12.1.8", "An external sender proposes add, remove, psk, reinit or group_context_extensions only") \
  X(new_member_proposes_add, "6.1", "A new_member_proposal sender sends an Add proposal") \
  X(new_member_commits, "6.1", "A new_member_commit sender sends a commit with a path, whose leaf signs it") \
  X(external_init_placement, "12.1.6", "ExternalInit occurs in external commits only") \
  X(content_signature, "6.1", "The sender's signature covers the content, its wire format and the GroupContext") \
  X(confirmation_tag_size, "6.1", "A commit carries a confirmation tag of the MAC's size") \
  X(membership_tag_size, "6.2", "A member's PublicMessage carries a membership tag of the MAC's size") \
  X(group_is_active, "12.4.2", "Nothing is sent in a group after a commit with ReInit") \
  /* Leaf nodes */ \
  X(leaf_encryption_key_valid, "10", "A leaf's encryption key is a public key of the cipher suite's KEM") \
  X(leaf_signature_key_valid, "10", "A leaf's signature key is a public key of the cipher suite's signature scheme") \
  X(leaf_signature, "7.3", "A leaf node is signed by its signature key") \
  X(leaf_source_key_package, "7.3", "The leaf node in a key package has source key_package") \
  X(leaf_source_update, "7.3", "The leaf node in an Update has source update") \
  X(leaf_source_commit, "7.3", "The leaf node in an UpdatePath has source commit") \
  X(leaf_lifetime, "7.3", "The current time is within an added leaf's lifetime") \
  X(leaf_lifetime_span, "7.2", "A leaf's total lifetime is no longer than the application allows") \
  X(leaf_extensions_unique, "13.4", "A leaf has no two extensions of one type") \
  X(leaf_extensions_listed, "7.3", "A leaf's capabilities list the types of its own extensions") \
  X(leaf_credential_listed, "7.2", "A leaf's capabilities list the type of its own credential") \
  X(leaf_supports_version, "11.1", "A leaf's capabilities list the group's protocol version") \
  X(leaf_supports_suite, "11.1", "A leaf's capabilities list the group's cipher suite") \
  X(leaf_required_capabilities, "7.3", "A leaf's capabilities satisfy the group's required_capabilities") \
  X(leaf_supports_group_extensions, "13.4", "A leaf's capabilities list every extension of the GroupContext") \
  X(leaf_key_replaced, "7.3", "An Update or UpdatePath brings an encryption key other than the leaf it replaces had") \
  X(credential_accepted, "5.3.1", "The authentication service accepts a new credential with its signature key") \
  X(credential_successor, "5.3.1", "The authentication service accepts a changed credential as successor of the old one") \
  X(credential_certificate_key, "5.3", "The end-entity certificate of an x509 credential certifies exactly the signature key") \
  X(member_encryption_keys_unique, "7.3", "No two members have the same encryption key") \
  X(member_signature_keys_unique, "7.3", "No two members have the same signature key") \
  X(credential_types_supported, "7.3", "Every member supports every credential type in use in the group") \
  /* Key packages */ \
  X(key_package_version, "10.1", "A key package's protocol version is the group's") \
  X(key_package_suite, "10.1", "A key package's cipher suite is the group's") \
  X(key_package_signature, "10.1", "A key package is signed by its leaf's signature key") \
  X(key_package_init_key_valid, "10", "A key package's init key is a public key of the cipher suite's KEM") \
  X(key_package_init_key_differs, "10.1", "A key package's init key is not its leaf's encryption key") \
  X(key_package_extensions_unique, "13.4", "A key package has no two extensions of one type") \
  X(key_package_extensions_listed, "10", "A key package's extension types are listed in its leaf's capabilities") \
  /* Ratchet tree of a group that is joined or followed */ \
  X(tree_size, "limit", "A tree has no more leaves than the limit") \
  X(tree_ends_with_node, "12.4.3.3", "The last node of a ratchet_tree is not blank") \
  X(tree_node_types, "12.4.3.3", "Even positions of a ratchet_tree hold leaves, odd ones parents") \
  X(tree_hash_matches, "12.4.3.1", "The ratchet tree has the tree hash of the GroupContext") \
  X(tree_parent_hashes, "7.9.2", "Every parent node is covered by exactly one parent-hash chain up from a leaf") \
  X(tree_parent_keys_valid, "7.1", "A parent's encryption key is a public key of the cipher suite's KEM") \
  X(tree_parent_keys_unique, "12.4.3.1", "A parent's encryption key occurs nowhere else in the tree") \
  X(unmerged_leaves_sorted, "7.1", "unmerged_leaves is strictly ascending") \
  X(unmerged_leaves_descend, "12.4.3.1", "unmerged_leaves names leaves below the node that are not blank") \
  X(unmerged_leaves_consistent, "12.4.3.1", "Nodes between an unmerged leaf and the parent list it as unmerged too") \
  /* GroupContext and GroupInfo */ \
  X(group_version_supported, "11.1", "The group's protocol version is one that we have") \
  X(group_suite_supported, "11.1", "The group's cipher suite is one that we have") \
  X(group_context_extensions_unique, "13.4", "A GroupContext has no two extensions of one type") \
  X(required_capabilities_parse, "11.1", "The required_capabilities extension decodes") \
  X(external_senders_parse, "12.1.8.1", "The external_senders extension decodes") \
  X(external_sender_key_valid, "12.1.8.1", "An external sender's key is a public key of the cipher suite's signature scheme") \
  X(external_sender_credential, "5.3.1", "The authentication service accepts each external sender") \
  X(group_info_extensions_unique, "13.4", "A GroupInfo has no two extensions of one type") \
  X(group_info_signer, "12.4.3.1", "A GroupInfo's signer is a leaf that is not blank") \
  X(group_info_signature, "12.4.3.1", "A GroupInfo is signed by its signer's key") \
  X(group_info_tree, "12.4.3.3", "A tree comes with the GroupInfo or beside it, and decodes") \
  X(group_info_external_pub, "12.4.3.2", "The external_pub extension holds a public key of the cipher suite's KEM") \
  X(group_info_context_matches, "12.4.3", "A published GroupInfo describes the state that the commit led to") \
  X(group_info_tag_matches, "12.4.3", "A published GroupInfo carries the commit's confirmation tag") \
  X(group_info_tree_matches, "12.4.3.3", "The tree inside a published GroupInfo is the group's") \
  /* Proposals */ \
  X(remove_target_is_member, "12.1.3", "A Remove names a leaf that is not blank") \
  X(psk_nonce_size, "12.1.4", "A PSK's nonce has the KDF's size") \
  X(psk_usage, "12.1.4", "A PSK proposal has no resumption usage reinit or branch outside of those operations") \
  X(reinit_version, "12.1.5", "A ReInit's protocol version is not below the group's") \
  X(extensions_required_by_members, "12.1.7", "Every member satisfies the required_capabilities that a commit sets") \
  X(extensions_supported_by_members, "13.4", "Every member supports each GroupContext extension that a commit sets") \
  X(pending_proposals, "limit", "No more proposals wait for a commit than the limit") \
  /* Proposal lists */ \
  X(commit_tree_size, "limit", "A commit does not make the tree wider than the limit") \
  X(proposals_per_commit, "limit", "A commit covers no more proposals than the limit") \
  X(proposal_reference_known, "12.4", "A commit refers only to proposals received in this epoch") \
  X(commit_does_not_update_self, "12.2", "A commit covers no Update of its committer") \
  X(commit_does_not_remove_self, "12.2", "A commit does not remove its committer") \
  X(one_change_per_leaf, "12.2", "No two Updates or Removes of a commit apply to one leaf") \
  X(adds_are_distinct, "12.2", "No two Adds of a commit are of one client (one signature key)") \
  X(psk_once, "12.2", "No two PSK proposals of a commit have the same id") \
  X(group_context_extensions_once, "12.2", "A commit has at most one GroupContextExtensions proposal") \
  X(reinit_alone, "12.2", "A ReInit stands alone in its commit") \
  X(external_commit_by_value, "12.4.3.2", "An external commit has no proposal by reference") \
  X(external_commit_init, "12.2", "An external commit has exactly one ExternalInit") \
  X(external_commit_remove, "12.2", "An external commit has at most one Remove") \
  X(external_commit_types, "12.2", "An external commit has no proposals but ExternalInit, Remove and PSK") \
  /* Update paths */ \
  X(path_required, "12.4", "A commit that is empty or covers more than add, psk and reinit carries a path") \
  X(path_length, "7.5", "An UpdatePath has one node per node of the committer's filtered direct path") \
  X(path_keys_valid, "7.6", "An UpdatePath's keys are public keys of the cipher suite's KEM") \
  X(path_keys_fresh, "12.4.2", "No key of an UpdatePath occurs in the new tree or twice in the path") \
  X(path_ciphertext_count, "7.6", "Each node of an UpdatePath has one ciphertext per node of the copath's resolution without new leaves") \
  X(path_parent_hash, "7.9.2", "The committer's new leaf has the parent hash that follows from the path")

/// Rules that need secrets to check: lib/mls/member. Section "own": what we ask of our own caller, storage and provider.
#define WARDLINE_MLS_MEMBER_RULES(X) \
  /* Message protection */ \
  X(membership_tag, "6.2", "A member's PublicMessage carries the MAC of the epoch's membership key") \
  X(sender_data_decryption, "6.3.2", "A PrivateMessage's sender data opens with the epoch's sender data secret and decodes") \
  X(sender_leaf_in_tree, "6.3.2", "A PrivateMessage's sender data names a leaf of the tree") \
  X(content_decryption, "6.3.1", "A PrivateMessage's content opens with the key of its sender and generation") \
  X(private_content_decodes, "6.3.1", "A decrypted PrivateMessage holds content and authentication of its content type") \
  X(padding_is_zero, "6.3.1", "The padding of a PrivateMessage is all zeros") \
  X(generation_unused, "9.2", "A generation's key is used for one message") \
  X(generation_in_reach, "limit", "A message skips no more generations than the limit") \
  X(generation_left, "9.1", "A ratchet has generations left to send with") \
  /* Path secrets */ \
  X(path_secret_for_member, "7.6", "An UpdatePath has a ciphertext for a key that this member holds") \
  X(path_secret_opens, "7.6", "The ciphertext for this member opens under the provisional GroupContext") \
  X(path_secret_matches, "7.5", "The keys that follow from a path secret are those of the path") \
  /* Epochs */ \
  X(confirmation_tag, "6.1", "The confirmation tag of a commit or GroupInfo is the MAC of the epoch's confirmation key") \
  X(psk_available, "8.4", "Every PSK that a commit or a Welcome names is at hand") \
  X(external_init_opens, "8.3", "An ExternalInit's KEM output opens with the group's external key") \
  X(exporter_length, "8.5", "No more is exported at once than the KDF can give") \
  X(private_message_group, "6.3", "A PrivateMessage names the group that opens it") \
  X(epoch_kept, "limit", "A PrivateMessage is of the current epoch, or application data of one whose keys are still kept") \
  X(committed_before_application, "12.4", "Proposals that wait are committed before application data is sent") \
  /* Joining */ \
  X(welcome_suite, "12.4.3.1", "Welcome, GroupInfo and key package have the same cipher suite") \
  X(welcome_for_key_package, "12.4.3.1", "A Welcome holds secrets for the key package it is opened with") \
  X(group_secrets_open, "12.4.3.1", "The secrets for a new member open with its init key") \
  X(group_secrets_decode, "12.4.3.1", "The opened group secrets decode") \
  X(welcome_group_info_opens, "12.4.3.1", "The GroupInfo of a Welcome opens with the welcome key and decodes") \
  X(welcome_leaf, "12.4.3.1", "The leaf of the key package is in the tree, once") \
  X(external_pub_present, "12.4.3.2", "A GroupInfo for an external join has an external_pub extension") \
  /* Groups that continue others */ \
  X(continuation_psk_alone, "12.4.3.1", "A Welcome names at most one PSK of usage reinit or branch") \
  X(continuation_known, "11.2", "Who joins a continuation is a member of the group that it continues, at the epoch that the PSK names") \
  X(continuation_epoch, "11.2", "A continuation is joined at epoch 1") \
  X(group_not_reinitialised, "11.2", "Nothing is sent in a group that has been reinitialised") \
  X(reinit_committed, "11.2", "A group is reinitialised after a ReInit has been committed") \
  X(reinit_suite_supported, "11.2", "The suite that a ReInit names is one that we have") \
  X(reinit_parameters, "11.2", "A reinitialised group has the id, version, suite and extensions that the ReInit says") \
  X(reinit_members, "11.2", "A reinitialised group has the members of the old one") \
  X(branch_parameters, "11.3", "A branch has the version and suite of the group it comes from, and an id of its own") \
  X(branch_members, "11.3", "Every member of a branch is a member of the group it comes from") \
  /* What our own side must bring */ \
  X(signer_available, "own", "The signer signs when asked") \
  X(signer_matches_suite, "own", "The signer's algorithm is that of the cipher suite") \
  X(signer_matches_leaf, "own", "The signer's public key is that of the member's leaf") \
  X(provider_available, "own", "The cryptographic provider does what it is asked") \
  X(key_package_keys, "own", "Private keys belong to the key package that they are stored with") \
  X(own_message, "own", "A message that this member sent is not opened again: its key is gone") \
  X(own_update_known, "own", "An Update of this member's own that is committed is one whose key it has kept") \
  X(own_commit_pending, "own", "A commit of this member's own is merged from its pending state, never from the wire") \
  X(one_pending_commit, "own", "One commit waits for acceptance at a time: merge or discard it before the next") \
  X(pending_commit_exists, "own", "There is a pending commit to merge") \
  X(staged_from_current_epoch, "own", "A staged commit is merged into the epoch that it was staged from") \
  X(still_member, "own", "A member who has been removed takes no further part") \
  X(message_for_group, "own", "What a group processes is a PublicMessage or PrivateMessage") \
  X(sealing_key_size, "own", "A sealing key has 32 bytes") \
  X(sealed_state_opens, "own", "Sealed state opens with the key it was sealed with and is of the kind asked for") \
  X(sealed_state_version, "own", "Sealed state is of a version that we know") \
  X(ratchets_of_epoch, "own", "Stored ratchets are restored into the group and epoch that they were stored from")
// clang-format on

namespace wardline::mls {

enum class Rule : std::uint16_t {
#define WARDLINE_MLS_RULE(id, section, text) id,
  WARDLINE_MLS_PUBLIC_RULES(WARDLINE_MLS_RULE) WARDLINE_MLS_MEMBER_RULES(WARDLINE_MLS_RULE)
#undef WARDLINE_MLS_RULE
};

/// The id as it stands in the table.
std::string_view name_of(Rule rule);
/// The section of RFC 9420, or "limit".
std::string_view section_of(Rule rule);
/// What the rule demands, one sentence.
std::string_view text_of(Rule rule);

}  // namespace wardline::mls
