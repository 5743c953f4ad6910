#include "lib/mls/public/leaf_node.h"

#include <algorithm>

namespace wardline::mls {
namespace {

template <class T>
bool contains(const std::vector<T>& list, T wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

template <class T>
bool supports_all(const Capabilities& capabilities, const std::vector<T>& wanted) {
  return std::ranges::all_of(wanted, [&](T type) { return capabilities.supports(type); });
}

}  // namespace

bool Capabilities::supports(ExtensionType type) const {
  // §7.2: the extension types of RFC 9420 are default ones, 1 to 5.
  const auto number = static_cast<std::uint16_t>(type);
  return (number >= 1 && number <= 5) || contains(extensions, type);
}

bool Capabilities::supports(ProposalType type) const {
  const auto number = static_cast<std::uint16_t>(type);
  return (number >= 1 && number <= 7) || contains(proposals, type);
}

bool Capabilities::supports(CredentialType type) const { return contains(credentials, type); }
bool Capabilities::supports(ProtocolVersion version) const { return contains(versions, version); }
bool Capabilities::supports(CipherSuite suite) const { return contains(cipher_suites, suite); }

bool Capabilities::satisfies(const RequiredCapabilities& required) const {
  return supports_all(*this, required.extension_types) && supports_all(*this, required.proposal_types) &&
         supports_all(*this, required.credential_types);
}

bool LeafNode::operator==(const LeafNode& other) const {
  const bool same_source = source == other.source &&
                           (source != LeafNodeSource::key_package || lifetime == other.lifetime) &&
                           (source != LeafNodeSource::commit || parent_hash == other.parent_hash);
  return same_source && encryption_key == other.encryption_key && signature_key == other.signature_key &&
         credential == other.credential && capabilities == other.capabilities &&
         extensions == other.extensions && signature == other.signature;
}

void LeafNode::write_unsigned(tls::Writer& out) const {
  tls::write(out, encryption_key);
  tls::write(out, signature_key);
  tls::write(out, credential);
  tls::write(out, capabilities);
  tls::write(out, source);
  if (source == LeafNodeSource::key_package) tls::write(out, lifetime);
  if (source == LeafNodeSource::commit) tls::write(out, parent_hash);
  tls::write(out, extensions);
}

void LeafNode::tls_write(tls::Writer& out) const {
  write_unsigned(out);
  tls::write(out, signature);
}

void LeafNode::tls_read(tls::Reader& in) {
  tls::read(in, encryption_key);
  tls::read(in, signature_key);
  tls::read(in, credential);
  tls::read(in, capabilities);
  tls::read(in, source);
  switch (source) {
    case LeafNodeSource::key_package:
      tls::read(in, lifetime);
      break;
    case LeafNodeSource::update:
      break;
    case LeafNodeSource::commit:
      tls::read(in, parent_hash);
      break;
    default:
      return in.fail(tls::Error::invalid_value);
  }
  tls::read(in, extensions);
  tls::read(in, signature);
}

Bytes LeafNode::to_be_signed(ByteView group_id, LeafIndex index) const {
  tls::Writer out;
  write_unsigned(out);
  if (source != LeafNodeSource::key_package) {
    out.opaque(group_id);
    tls::write(out, index);
  }
  return out.take();
}

}  // namespace wardline::mls
