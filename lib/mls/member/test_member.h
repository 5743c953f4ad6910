// For tests: devices with names, and a group of them in which everybody receives what is sent.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "lib/mls/member/external_join.h"
#include "lib/mls/member/group.h"
#include "lib/mls/public/test_group.h"

namespace wardline::mls {

inline constexpr Lifetime kTestLifetime{1000, 2000};

class TestPskStore final : public PskStore {
 public:
  std::optional<SecretBytes> find(const PreSharedKeyId& id) const override {
    const auto* external = std::get_if<ExternalPskId>(&id.key);
    const auto found = external ? psks.find(external->psk_id) : psks.end();
    if (found == psks.end()) return std::nullopt;
    return SecretBytes(ByteView(found->second));
  }
  std::map<Bytes, Bytes> psks;
};

/// A device: a signing key, a credential, perhaps a group.
struct TestMember {
  TestMember(const Suite& with, const std::string& called)
      : suite(with),
        name(called),
        signer(std::move(crypto::SigningKey::generate(with.signature).value())),
        description{Credential::basic(to_bytes(as_bytes(called))), {}, {}} {
    description.capabilities = LeafDescription::default_capabilities(description.credential);
    description.capabilities.extensions.push_back(kTestExtension);
  }

  KeyPackageBundle bundle() const {
    return std::move(KeyPackageBundle::create(suite, signer, description, kTestLifetime).value());
  }

  const Suite& suite;
  std::string name;
  crypto::SigningKey signer;
  LeafDescription description;
  std::optional<Group> group;
};

/// What tests of one group share.
struct TestWorld {
  explicit TestWorld(CipherSuite id = CipherSuite::x25519_aes128gcm_sha256_ed25519)
      : suite(*crypto::find_suite(id)) {}

  const Suite& suite;
  TestValidator validator;
  TestPskStore psks;
  Validation validation{validator, LifetimeCheck{.now = 1500, .longest_span = 1000}};
  Environment environment{validation, &psks};
  std::vector<std::unique_ptr<TestMember>> members;  // Those in the group.

  TestMember& make(const std::string& name) {
    return *members.emplace_back(std::make_unique<TestMember>(suite, name));
  }

  /// The first member, alone in a group.
  TestMember& create(const std::string& name, GroupConfig config = {}, Extensions extensions = {}) {
    TestMember& member = make(name);
    NewGroup parameters{suite,         to_bytes(as_bytes("group")), member.description,
                        kTestLifetime, std::move(extensions),       config};
    member.group.emplace(std::move(Group::create(std::move(parameters), member.signer, environment).value()));
    return member;
  }

  /// Gives `message` to everybody but `except`, and merges what comes of it.
  void deliver(const MlsMessage& message, const TestMember* except) {
    for (auto& member : members) {
      if (member.get() == except || !member->group || !member->group->is_active()) continue;
      auto event = member->group->receive(message, environment);
      ASSERT_TRUE(event.has_value()) << member->name << ": " << name_of(event.error());
      if (auto* commit = std::get_if<ReceivedCommit>(&*event))
        EXPECT_KEEPS(member->group->merge(std::move(*commit)));
    }
  }

  /// Commits, has everybody follow, and returns the bundle.
  CommitBundle commit(TestMember& by, CommitRequest request = {}) {
    auto bundle = by.group->commit(std::move(request), by.signer, environment);
    EXPECT_TRUE(bundle.has_value()) << name_of(bundle.error());
    if (!bundle) std::abort();
    deliver(bundle->commit, &by);
    EXPECT_TRUE(by.group->merge_pending().has_value());
    return std::move(*bundle);
  }

  /// Adds a new member in one commit by `by`.
  TestMember& add(TestMember& by, const std::string& name) {
    auto member = std::make_unique<TestMember>(suite, name);
    const KeyPackageBundle bundle = member->bundle();
    CommitRequest request;
    request.proposals.push_back({Add{bundle.key_package()}});
    const CommitBundle sent = commit(by, std::move(request));
    auto joined = Group::join(*sent.welcome->as<Welcome>(), bundle, {}, environment);
    EXPECT_TRUE(joined.has_value()) << name_of(joined.error());
    member->group.emplace(std::move(*joined));
    return *members.emplace_back(std::move(member));
  }
};

}  // namespace wardline::mls
