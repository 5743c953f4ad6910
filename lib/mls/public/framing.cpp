#include "lib/mls/public/framing.h"

namespace wardline::mls {

void Sender::tls_write(tls::Writer& out) const {
  tls::write(out, type);
  if (type == SenderType::member || type == SenderType::external) tls::write(out, index);
}

void Sender::tls_read(tls::Reader& in) {
  tls::read(in, type);
  switch (type) {
    case SenderType::member:
    case SenderType::external:
      return tls::read(in, index);
    case SenderType::new_member_proposal:
    case SenderType::new_member_commit:
      return;
  }
  in.fail(tls::Error::invalid_value);
}

ContentType content_type_of(const Content& content) {
  return std::visit(Match{
                        [](const ApplicationData&) { return ContentType::application; },
                        [](const Proposal&) { return ContentType::proposal; },
                        [](const Commit&) { return ContentType::commit; },
                    },
                    content);
}

void write_content(tls::Writer& out, const Content& content) {
  std::visit([&](const auto& body) { tls::write(out, body); }, content);
}

void read_content(tls::Reader& in, ContentType type, Content& content) {
  switch (type) {
    case ContentType::application:
      return tls::read(in, content.emplace<ApplicationData>());
    case ContentType::proposal:
      return tls::read(in, content.emplace<Proposal>());
    case ContentType::commit:
      return tls::read(in, content.emplace<Commit>());
  }
  in.fail(tls::Error::invalid_value);
}

void FramedContent::tls_write(tls::Writer& out) const {
  tls::write(out, group_id);
  tls::write(out, epoch);
  tls::write(out, sender);
  tls::write(out, authenticated_data);
  tls::write(out, content_type());
  write_content(out, content);
}

void FramedContent::tls_read(tls::Reader& in) {
  tls::read(in, group_id);
  tls::read(in, epoch);
  tls::read(in, sender);
  tls::read(in, authenticated_data);
  ContentType type{};
  tls::read(in, type);
  read_content(in, type, content);
}

void FramedContentAuthData::write_for(tls::Writer& out, ContentType type) const {
  tls::write(out, signature);
  if (type == ContentType::commit) out.opaque(confirmation_tag ? ByteView(*confirmation_tag) : ByteView());
}

void FramedContentAuthData::read_for(tls::Reader& in, ContentType type) {
  tls::read(in, signature);
  confirmation_tag.reset();
  if (type == ContentType::commit) tls::read(in, confirmation_tag.emplace());
}

void AuthenticatedContent::tls_write(tls::Writer& out) const {
  tls::write(out, wire_format);
  tls::write(out, content);
  auth.write_for(out, content.content_type());
}

void AuthenticatedContent::tls_read(tls::Reader& in) {
  tls::read(in, wire_format);
  tls::read(in, content);
  auth.read_for(in, content.content_type());
}

namespace {

void write_tbs(tls::Writer& out, WireFormat wire_format, const FramedContent& content, ByteView context) {
  tls::write(out, ProtocolVersion::mls10);
  tls::write(out, wire_format);
  tls::write(out, content);
  const SenderType type = content.sender.type;
  if (type == SenderType::member || type == SenderType::new_member_commit) out.raw(context);
}

}  // namespace

Bytes framed_content_tbs(WireFormat wire_format, const FramedContent& content, ByteView context) {
  tls::Writer out;
  write_tbs(out, wire_format, content, context);
  return out.take();
}

Bytes authenticated_content_tbm(const FramedContent& content, const FramedContentAuthData& auth,
                                ByteView context) {
  tls::Writer out;
  write_tbs(out, WireFormat::public_message, content, context);
  auth.write_for(out, content.content_type());
  return out.take();
}

void PublicMessage::tls_write(tls::Writer& out) const {
  tls::write(out, content);
  auth.write_for(out, content.content_type());
  if (content.sender.type == SenderType::member)
    out.opaque(membership_tag ? ByteView(*membership_tag) : ByteView());
}

void PublicMessage::tls_read(tls::Reader& in) {
  tls::read(in, content);
  auth.read_for(in, content.content_type());
  membership_tag.reset();
  if (content.sender.type == SenderType::member) tls::read(in, membership_tag.emplace());
}

WireFormat MlsMessage::wire_format() const {
  return std::visit(Match{
                        [](const PublicMessage&) { return WireFormat::public_message; },
                        [](const PrivateMessage&) { return WireFormat::private_message; },
                        [](const Welcome&) { return WireFormat::welcome; },
                        [](const GroupInfo&) { return WireFormat::group_info; },
                        [](const KeyPackage&) { return WireFormat::key_package; },
                    },
                    value);
}

void MlsMessage::tls_write(tls::Writer& out) const {
  tls::write(out, ProtocolVersion::mls10);
  tls::write(out, wire_format());
  std::visit([&](const auto& message) { tls::write(out, message); }, value);
}

void MlsMessage::tls_read(tls::Reader& in) {
  ProtocolVersion version{};
  WireFormat format{};
  tls::read(in, version);
  tls::read(in, format);
  if (version != ProtocolVersion::mls10) return in.fail(tls::Error::invalid_value);
  switch (format) {
    case WireFormat::public_message:
      return tls::read(in, value.emplace<PublicMessage>());
    case WireFormat::private_message:
      return tls::read(in, value.emplace<PrivateMessage>());
    case WireFormat::welcome:
      return tls::read(in, value.emplace<Welcome>());
    case WireFormat::group_info:
      return tls::read(in, value.emplace<GroupInfo>());
    case WireFormat::key_package:
      return tls::read(in, value.emplace<KeyPackage>());
  }
  in.fail(tls::Error::invalid_value);
}

}  // namespace wardline::mls
