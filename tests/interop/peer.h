// A test peer: members of MLS groups over lib/mls/member, made to act by calls that take and give bytes, so
// that the same code serves as a program (main.cpp) and inside a browser (wasm_main.cpp).
#pragma once

#include <map>

#include "lib/mls/member/external_join.h"
#include "lib/mls/member/group.h"
#include "lib/mls/public/public_group.h"

namespace wardline::interop {

/// The numbers cross the border: see web/tests/interop/peer.ts.
enum class Method : std::uint8_t {
  new_member = 1,
  describe = 2,
  key_package = 3,
  create = 4,
  join = 5,
  join_externally = 6,
  merge_pending = 7,
  discard_pending = 8,
  commit = 9,
  commit_again = 10,
  propose = 11,
  propose_update = 12,
  receive = 13,
  protect = 14,
  view = 15,
  group_info = 16,
  ratchet_tree = 17,
  store_and_load = 18,
  forget = 19,
  propose_externally = 20,
  add_psk = 21,
  view_sealed = 22,
  follow_group = 23,
  follow = 24,
  followed = 25,
};

/// Believes everybody: what a peer checks is the protocol, not the people.
class BelieveAll final : public mls::CredentialValidator {
 public:
  bool accepts(const mls::Credential&, const mls::SignaturePublicKey&, mls::CredentialRole) const override {
    return true;
  }
  bool accepts_successor(const mls::Credential&, const mls::Credential&) const override { return true; }
};

/// External PSKs that all members here know.
class SharedPsks final : public mls::PskStore {
 public:
  std::optional<SecretBytes> find(const mls::PreSharedKeyId& id) const override;
  std::map<Bytes, Bytes> known;
};

class Peer {
 public:
  Peer();
  /// `request`: the time (seconds since 1970), the method, and what it takes. The answer is 0 and what the
  /// method gives, or 1 and the name of the rule that was broken.
  Bytes call(ByteView request);

 private:
  struct Member {
    const mls::Suite& suite;
    crypto::SigningKey signer;
    mls::LeafDescription leaf = {};
    std::map<Bytes, mls::KeyPackageBundle> key_packages = {};
    std::optional<mls::Group> group = {};
    std::optional<mls::ExternalJoin> joining = {};
  };
  class Call;

  BelieveAll validator_;
  SharedPsks psks_;
  mls::Validation validation_;
  mls::Environment environment_;
  std::map<std::uint32_t, Member> members_;
  std::map<mls::GroupId, mls::PublicGroup> followed_;  // As a delivery service does it.
  std::uint32_t last_member_ = 0;
};

}  // namespace wardline::interop
