#include "lib/mls/public/labels.h"

namespace wardline::mls {

Bytes sign_content(std::string_view label, ByteView content) {
  tls::Writer out;
  tls::write(out, "MLS 1.0 " + std::string(label));
  out.opaque(content);
  return out.take();
}

crypto::Result<Bytes> sign_with_label(const crypto::Signer& signer, std::string_view label,
                                      ByteView content) {
  return signer.sign(sign_content(label, content));
}

bool verify_with_label(const crypto::VerificationKey& key, std::string_view label, ByteView content,
                       ByteView signature) {
  return key.verify(sign_content(label, content), signature).has_value();
}

Bytes ref_hash(const Suite& suite, std::string_view label, ByteView value) {
  tls::Writer out;
  out.opaque(as_bytes(label));
  out.opaque(value);
  return crypto::hash(suite.hash, out.bytes());
}

KeyPackageRef KeyPackage::reference(const Suite& suite) const {
  return ref_hash(suite, "MLS 1.0 KeyPackage Reference", tls::encode(*this));
}

Bytes KeyPackage::to_be_signed() const {
  tls::Writer out;
  tls::write(out, version);
  tls::write(out, cipher_suite);
  tls::write(out, init_key);
  tls::write(out, leaf_node);
  tls::write(out, extensions);
  return out.take();
}

ProposalRef AuthenticatedContent::proposal_reference(const Suite& suite) const {
  return ref_hash(suite, "MLS 1.0 Proposal Reference", tls::encode(*this));
}

Bytes confirmed_transcript_hash(const Suite& suite, ByteView interim_before,
                                const AuthenticatedContent& commit) {
  tls::Writer input;
  tls::write(input, commit.wire_format);
  tls::write(input, commit.content);
  tls::write(input, commit.auth.signature);
  return crypto::hash(suite.hash, {interim_before, input.bytes()});
}

Bytes interim_transcript_hash(const Suite& suite, ByteView confirmed, ByteView confirmation_tag) {
  tls::Writer input;
  input.opaque(confirmation_tag);
  return crypto::hash(suite.hash, {confirmed, input.bytes()});
}

}  // namespace wardline::mls
