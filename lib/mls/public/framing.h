// Message framing (RFC 9420 §6): what is signed, what is sent, and the envelope of every MLS message.
#pragma once

#include "lib/mls/public/commit.h"
#include "lib/mls/public/group_info.h"
#include "lib/mls/public/welcome.h"

namespace wardline::mls {

enum class ContentType : std::uint8_t { application = 1, proposal = 2, commit = 3 };

/// §17.2.
enum class WireFormat : std::uint16_t {
  public_message = 1,
  private_message = 2,
  welcome = 3,
  group_info = 4,
  key_package = 5,
};

enum class SenderType : std::uint8_t {
  member = 1,
  external = 2,
  new_member_proposal = 3,
  new_member_commit = 4
};

/// Who sent a message. `index` is a leaf index for a member, the place in external_senders for an external
/// sender, and not on the wire for new members.
struct Sender {
  SenderType type = SenderType::member;
  std::uint32_t index = 0;

  static Sender member(LeafIndex leaf) { return {SenderType::member, leaf.value}; }
  static Sender external(std::uint32_t sender_index) { return {SenderType::external, sender_index}; }
  static Sender new_member_proposal() { return {SenderType::new_member_proposal, 0}; }
  static Sender new_member_commit() { return {SenderType::new_member_commit, 0}; }
  /// The sender's leaf; only for a member.
  LeafIndex leaf() const { return {index}; }

  bool operator==(const Sender&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

struct ApplicationData {
  static constexpr ContentType kType = ContentType::application;
  Bytes data;
  bool operator==(const ApplicationData&) const = default;
  WARDLINE_TLS_FIELDS(data)
};

/// The body of a message without its type: the FramedContent or the PrivateMessageContent carries that.
using Content = std::variant<ApplicationData, Proposal, Commit>;
ContentType content_type_of(const Content& content);
void write_content(tls::Writer& out, const Content& content);
/// Reads the body that `type` announces. An unknown type fails the reader.
void read_content(tls::Reader& in, ContentType type, Content& content);

struct FramedContent {
  GroupId group_id;
  Epoch epoch = 0;
  Sender sender;
  Bytes authenticated_data;
  Content content;

  ContentType content_type() const { return content_type_of(content); }
  bool operator==(const FramedContent&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

/// §6.1. The confirmation tag is there for a commit and only then.
struct FramedContentAuthData {
  Bytes signature;
  std::optional<Bytes> confirmation_tag;
  bool operator==(const FramedContentAuthData&) const = default;
  void write_for(tls::Writer& out, ContentType type) const;
  void read_for(tls::Reader& in, ContentType type);
};

/// §6: what the transcript hash and proposal references cover.
struct AuthenticatedContent {
  WireFormat wire_format = WireFormat::public_message;
  FramedContent content;
  FramedContentAuthData auth;
  bool operator==(const AuthenticatedContent&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);

  /// §5.2 MakeProposalRef.
  ProposalRef proposal_reference(const Suite& suite) const;
};

/// §6.1 FramedContentTBS. `context` is the encoded GroupContext; used for members and new_member_commit, else
/// left out.
Bytes framed_content_tbs(WireFormat wire_format, const FramedContent& content, ByteView context);
/// §6.2 AuthenticatedContentTBM: what the membership tag of a PublicMessage covers.
Bytes authenticated_content_tbm(const FramedContent& content, const FramedContentAuthData& auth,
                                ByteView context);

inline constexpr std::string_view kFramedContentLabel = "FramedContentTBS";

/// §6.2.
struct PublicMessage {
  FramedContent content;
  FramedContentAuthData auth;
  std::optional<Bytes> membership_tag;  ///< present if and only if a member sent it
  bool operator==(const PublicMessage&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
  AuthenticatedContent authenticated_content() const { return {WireFormat::public_message, content, auth}; }
};

/// §6.3.
struct PrivateMessage {
  GroupId group_id;
  Epoch epoch = 0;
  ContentType content_type = ContentType::application;
  Bytes authenticated_data;
  Bytes encrypted_sender_data;
  Bytes ciphertext;
  bool operator==(const PrivateMessage&) const = default;
  WARDLINE_TLS_FIELDS(group_id, epoch, content_type, authenticated_data, encrypted_sender_data, ciphertext)
};

/// §6: the envelope. Another version than mls10 fails to decode.
struct MlsMessage {
  std::variant<PublicMessage, PrivateMessage, Welcome, GroupInfo, KeyPackage> value;

  WireFormat wire_format() const;
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
  bool operator==(const MlsMessage&) const = default;
  void tls_write(tls::Writer& out) const;
  void tls_read(tls::Reader& in);
};

}  // namespace wardline::mls
