// A group as the server follows it, attacked from inside: members who sign whatever the input asks for.
// Broken proposals, leaves, paths and commits carry good signatures, so that every rule behind the signature
// is reached.
#include "lib/mls/public/test_group.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/repeatable_random.h"

namespace wardline::fuzz {
namespace {

using namespace mls;

class Script {
 public:
  Script(Input& input, std::uint32_t members) : input_(input), group_(followed_group(members)) {}

  void step() {
    const Bytes before = group_.group->save();
    if (input_.below(3) == 0) {
      if (!propose())
        FUZZ_CHECK(group_.group->save() == before, "a proposal that is refused changes nothing");
      return;
    }
    auto staged = group_.stage(plan());
    FUZZ_CHECK(group_.group->save() == before, "staging changes nothing");
    if (!staged) return;
    const std::uint32_t members_before = group_.tree->member_count();
    const auto added =
        static_cast<std::uint32_t>(staged->changes.added.size() + (staged->is_external ? 1 : 0));
    const auto removed = static_cast<std::uint32_t>(staged->changes.removed.size());
    group_.apply(std::move(*staged));
    FUZZ_CHECK(group_.tree->member_count() == members_before + added - removed,
               "changes say who came and who went");
    check_state();
  }

  bool is_over() const {
    return group_.group->state().reinit.has_value() || group_.tree->member_count() > 12;
  }

 private:
  /// Whatever a commit has led to can be stored, and others can start from it.
  void check_state() {
    const auto restored = PublicGroup::restore(group_.group->save());
    FUZZ_CHECK(restored.has_value() && restored->save() == group_.group->save(),
               "the state survives storage");
    FUZZ_CHECK(equal(group_.context.tree_hash, RatchetTree(restored->tree()).tree_hash()),
               "the context has the tree's hash");
    const auto info = group_.make_group_info({}, some_member());
    FUZZ_CHECK(verify_group_info(group_.group->state(), info).has_value(),
               "a member's GroupInfo describes the state");
    const auto followed = PublicGroup::create(info, group_.group->tree().to_wire(), group_.validation());
    FUZZ_CHECK(followed.has_value(), "whatever a commit has led to, others can start from");
  }

  LeafIndex some_member() {
    std::vector<LeafIndex> members;
    group_.tree->for_each_member([&](LeafIndex index, const LeafNode&) { members.push_back(index); });
    return members[input_.below(members.size())];
  }

  TestClient& some_client() { return group_.client("client " + std::to_string(input_.below(6))); }

  /// Damages the wire form of a value and takes what still decodes.
  template <class T>
  void spoil(T& value) {
    const Bytes wire = damaged(tls::encode(value), {}, input_);
    if (auto read = tls::decode<T>(wire)) value = std::move(*read);
  }
  template <class T>
  Alter<T> perhaps_spoilt() {
    if (input_.below(4) != 0) return {};
    return [this](T& value) { spoil(value); };
  }

  Proposal some_proposal(LeafIndex sender) {
    Proposal proposal;
    switch (input_.below(8)) {
      case 0:
      case 1:
        proposal = {Add{group_.make_key_package(some_client(), perhaps_spoilt<LeafNode>(),
                                                perhaps_spoilt<KeyPackage>())}};
        break;
      case 2:
        proposal = {Update{group_.make_leaf(group_.client_with(group_.tree->leaf(sender)->signature_key),
                                            LeafNodeSource::update, sender, perhaps_spoilt<LeafNode>())}};
        break;
      case 3:
        proposal = {Remove{{static_cast<std::uint32_t>(input_.below(12))}}};
        break;
      case 4:
        proposal = {PreSharedKey{
            {ExternalPskId{to_bytes(input_.take(input_.below(4)))}, Bytes(group_.suite.hash_size)}}};
        break;
      case 5: {
        Extensions extensions;
        while (input_.flag()) {
          extensions.push_back({static_cast<ExtensionType>(input_.flag() ? 0xF001 : 1 + input_.below(6)),
                                to_bytes(input_.take(input_.below(32)))});
        }
        proposal = {GroupContextExtensions{std::move(extensions)}};
        break;
      }
      case 6:
        proposal = {ExternalInit{to_bytes(input_.take(32))}};
        break;
      default:
        if (auto read = tls::decode<Proposal>(input_.bytes())) proposal = std::move(*read);
    }
    if (input_.below(8) == 0) spoil(proposal);
    return proposal;
  }

  bool propose() {
    const LeafIndex sender = some_member();
    return group_.send(group_.make_proposal(sender, some_proposal(sender))).has_value();
  }

  CommitPlan plan() {
    CommitPlan plan{.committer = some_member()};
    if (input_.below(6) == 0) {
      plan.joiner = &some_client();
      plan.proposals.push_back(by_value({ExternalInit{Bytes(32, 7)}}));
    }
    for (const auto& [reference, pending] : group_.group->pending()) {
      if (input_.flag()) plan.proposals.push_back(by_reference(reference));
    }
    for (std::size_t more = input_.below(4); more > 0; --more)
      plan.proposals.push_back(by_value(some_proposal(plan.committer)));
    plan.path = input_.below(4) != 0;
    plan.before_leaf_signature = perhaps_spoilt<LeafNode>();
    plan.path_keys = perhaps_spoilt_path();
    plan.finished_path = perhaps_spoilt<UpdatePath>();
    plan.content = perhaps_spoilt<FramedContent>();
    plan.message = perhaps_spoilt<PublicMessage>();
    return plan;
  }

  /// Before parent hashes are made of it, a path must keep its length.
  Alter<UpdatePath> perhaps_spoilt_path() {
    if (input_.below(4) != 0) return {};
    return [this](UpdatePath& path) {
      for (UpdatePathNode& node : path.nodes) {
        if (input_.flag()) node.encryption_key = to_bytes(input_.take(input_.flag() ? 32 : 5));
      }
    };
  }

  Input& input_;
  TestGroup group_;
};

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::repeat_random_from(1);
  fuzz::Input input(data, size);
  fuzz::Script script(input, static_cast<std::uint32_t>(1 + input.below(7)));
  constexpr int kMostSteps = 32;
  for (int steps = 0; steps < kMostSteps && !input.at_end() && !script.is_over(); ++steps) script.step();
  return 0;
}
