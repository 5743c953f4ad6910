// The same operations with mlspp (github.com/cisco/mlspp), for `script/bench mls --peer DIR`: prints their
// medians of CPU time as JSON, in the form of Google Benchmark. Compiled by bench/mls/mlspp/run against the
// user's checkout; no part of the build. usage: mlspp SUITE SIZE    the rows of one N, in one turn
#include <mls/state.h>
#include <mls_ds/tree_follower.h>

#include <algorithm>
#include <ctime>
#include <iostream>
#include <vector>

namespace {

using namespace MLS_NAMESPACE;

double thread_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

bool first_row = true;

constexpr std::size_t kFewest = 3;
constexpr double kEnough = 1e6;  // Microseconds: what is slow is not repeated for longer.

/// `run` is timed; what `prepare` gives goes into it.
template <class Prepare, class Run>
void measure(const std::string& name, std::size_t size, const CipherSuite& suite, int iterations,
             const Prepare& prepare, const Run& run) {
  std::vector<double> times;
  double sum = 0;
  for (int i = 0; i < iterations && (times.size() < kFewest || sum < kEnough); ++i) {
    auto input = prepare();
    const double start = thread_time();
    const auto result = run(input);
    times.push_back(thread_time() - start);
    sum += times.back();
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  std::cout << (first_row ? "{\"benchmarks\": [\n " : ",\n ") << R"({"name": ")" << name << "/" << size << "/"
            << static_cast<int>(suite.cipher_suite()) << R"(", "median_us": )" << times[times.size() / 2]
            << "}";
  first_row = false;
}

// In each turn as many as ours: operations_bench.cpp.
int iterations_for(std::size_t size) { return size < 100 ? 25 : size < 500 ? 9 : 3; }

struct Device {
  CipherSuite suite;
  SignaturePrivateKey signer;
  HPKEPrivateKey init, leaf;
  LeafNode node;
  KeyPackage package;

  Device(const CipherSuite& with, const std::string& name)
      : suite(with), signer(SignaturePrivateKey::generate(with)) {
    make_package(name);
  }
  const KeyPackage& make_package(const std::string& name) {
    init = HPKEPrivateKey::generate(suite);
    leaf = HPKEPrivateKey::generate(suite);
    node = LeafNode(suite, leaf.public_key, signer.public_key, Credential::basic(from_ascii(name)),
                    Capabilities::create_default(), Lifetime::create_default(), {}, signer);
    package = KeyPackage(suite, init.public_key, node, {}, signer);
    return package;
  }
};

const bytes kGroup = from_ascii("group");

struct Sent {
  MLSMessage commit;
  Welcome welcome;
  State next;
};

Sent commit(State& state, CommitOpts options) {
  auto [message, welcome, next] = state.commit(random_bytes(state.cipher_suite().secret_size()), options, {});
  return {message, welcome, next};
}

State create(const Device& device) {
  return State(kGroup, device.suite, device.leaf, device.signer, device.node, {});
}

CommitOpts adding(const State& state, const std::vector<Device>& devices) {
  CommitOpts options;
  options.inline_tree = true;
  for (const Device& each : devices) options.extra_proposals.push_back(state.add_proposal(each.package));
  return options;
}

void measure_fresh(const CipherSuite& suite, std::size_t added) {
  const Device creator(suite, "alice");
  std::vector<Device> devices;
  for (std::size_t i = 0; i < added; ++i) devices.emplace_back(suite, "member " + std::to_string(i));
  const auto nothing = [] { return 0; };
  const auto create_and_add = [&](int) {
    State state = create(creator);
    return commit(state, adding(state, devices));
  };
  measure("create_and_add", added, suite, iterations_for(added), nothing, create_and_add);
  auto sent = create_and_add(0);
  const Device& joiner = devices.front();
  measure("join", added, suite, iterations_for(added), nothing, [&](int) {
    return State(joiner.init, joiner.leaf, joiner.signer, joiner.package, sent.welcome, std::nullopt, {});
  });
  if (added < 100) return;
  CommitOpts update;
  update.force_path = true;
  measure("update_create_blank", added, suite, iterations_for(added), nothing,
          [&](int) { return commit(sent.next, update); });
}

/// Has access to what a State is made of, to make one in a group where everybody has committed.
struct Member : State {
  Member(const State& state, TreeKEMPublicKey tree, TreeKEMPrivateKey keys, LeafIndex index,
         const SignaturePrivateKey& signer)
      : State(state) {
    _tree = std::move(tree);
    _tree_priv = std::move(keys);
    _index = index;
    _identity_priv = signer;
    _keys = _key_schedule.encryption_keys(_tree.size);
  }
};

/// From outside of a group mlspp follows the tree alone, and checks nothing: no signature, no epoch, no hash.
/// What it stores is the tree.
void measure_public(const CipherSuite& suite, std::size_t size, const TreeKEMPublicKey& tree,
                    const std::vector<std::pair<std::string, MLSMessage>>& commits) {
  const int iterations = size < 500 ? 25 : 9;
  for (const auto& [name, message] : commits) {
    const bytes wire = tls::marshal(message);
    measure(
        "public_validate_" + name, size, suite, iterations, [&] { return mls_ds::TreeFollower(tree); },
        [&](mls_ds::TreeFollower& follower) {
          follower.update(tls::get<MLSMessage>(wire), {});
          return 0;
        });
  }
  const auto nothing = [] { return 0; };
  measure("public_save", size, suite, iterations, nothing, [&](int) { return tls::marshal(tree); });
  const bytes saved = tls::marshal(tree);
  measure("public_restore", size, suite, iterations, nothing,
          [&](int) { return tls::get<TreeKEMPublicKey>(saved); });
}

void measure_warm(const CipherSuite& suite, std::size_t size) {
  std::vector<Device> devices;
  TreeKEMPublicKey tree(suite);
  for (std::size_t i = 0; i < size; ++i) {
    devices.emplace_back(suite, "member " + std::to_string(i));
    tree.add_leaf(devices.back().node);
  }
  tree.set_hash_all();
  const auto last_index = static_cast<uint32_t>(size - 1);
  const auto update_of = [&](uint32_t i) {
    return tree.update(LeafIndex{i}, random_bytes(suite.secret_size()), kGroup, devices[i].signer, {});
  };
  // The last member and then the first one go last: so their own paths are whole.
  for (uint32_t i = 1; i < last_index; ++i) update_of(i);
  auto last_keys = update_of(last_index);
  auto first_keys = update_of(0);
  tree.set_hash_all();
  const State base = create(devices.front());
  Member first(base, tree, first_keys, LeafIndex{0}, devices.front().signer);
  const Member last(base, tree, last_keys, LeafIndex{last_index}, devices.back().signer);

  const auto nothing = [] { return 0; };
  const auto of_last = [&] { return State(last); };
  CommitOpts update;
  update.force_path = true;
  const int iterations = size < 500 ? 25 : 9;
  measure("update_create", size, suite, iterations, nothing, [&](int) { return commit(first, update); });
  const MLSMessage updated = commit(first, update).commit;
  measure("update_process", size, suite, iterations, of_last,
          [&](State& state) { return state.handle(updated); });
  const MLSMessage added = commit(first, adding(first, {Device(suite, "newcomer")})).commit;
  measure("add_process", size, suite, iterations, of_last, [&](State& state) { return state.handle(added); });
  CommitOpts removal;
  removal.extra_proposals.push_back(first.remove_proposal(LeafIndex{1}));
  const MLSMessage removed = commit(first, removal).commit;
  measure_public(suite, size, tree, {{"update", updated}, {"add", added}, {"remove", removed}});

  const bytes text(1024, 'x');
  measure("protect_1kib", size, suite, 100, nothing, [&](int) { return first.protect({}, text, 0); });
  State receiver = last;
  measure(
      "unprotect_1kib", size, suite, 100, [&] { return first.protect({}, text, 0); },
      [&](const MLSMessage& message) { return receiver.unprotect(message); });
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const CipherSuite suite(static_cast<CipherSuite::ID>(std::atoi(arguments[1])));
  const auto size = static_cast<std::size_t>(std::atoi(arguments[2]));
  if (size == 1) {
    Device device(suite, "member");
    measure(
        "key_package", 1, suite, 100, [] { return 0; }, [&](int) { return device.make_package("member"); });
  } else {
    measure_fresh(suite, size);
  }
  if (size == 100 || size == 1000) measure_warm(suite, size);
  std::cout << "\n]}\n";
}
