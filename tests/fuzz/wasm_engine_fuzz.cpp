// Three devices' engines, as browsers have them (lib/wasm, lib/conversation), called with requests of any
// kind in any order: well-formed ones made of what the engines have answered, the same damaged, and raw
// bytes.
#include <array>
#include <map>
#include <set>

#include "lib/crypto/x509/issue.h"
#include "lib/mls/public/external_proposal.h"
#include "lib/transparency/memory_log_test.h"
#include "lib/wasm/engine.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/repeatable_random.h"

namespace wardline::fuzz {
namespace {

using namespace conversation;
using wasm::Engine;
using wasm::Method;

constexpr std::size_t kDevices = 3;
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'800'000'000 * kSecond;

/// Made once: the device CA, the server, and what each device is set up with.
struct Organisation {
  Organisation() {
    repeat_random_from(2);
    const auto algorithm = crypto::SignatureAlgorithm::ecdsa_p256_sha256;
    const auto authority_key = crypto::SigningKey::generate(algorithm).value();
    const crypto::Validity validity{kNow - 3600 * kSecond, kNow + 3600 * 24 * kSecond};
    const auto authority =
        crypto::issue_self_signed(authority_key, {.role = crypto::CertificateRole::authority,
                                                  .common_name = "Device CA",
                                                  .organization = "St. Mary",
                                                  .serial = crypto::random_serial(),
                                                  .validity = validity,
                                                  .uris = {},
                                                  .dns_names = {},
                                                  .ip_addresses = {}})
            .value();
    server.emplace(crypto::SigningKey::generate(algorithm).value());
    const mls::ExternalSender sender{server->public_key(), mls::Credential::basic({'s'})};
    for (std::size_t i = 0; i < kDevices; ++i) {
      const auto key = crypto::SigningKey::generate(algorithm).value();
      const Device device{"018f0000-0000-7000-8000-00000000000" + std::to_string(i),
                          "018f0000-0000-7000-8000-00000000001" + std::to_string(i)};
      const auto verification = crypto::VerificationKey::from_raw(algorithm, key.public_key()).value();
      const auto certificate = crypto::issue_certificate(authority_key, authority, verification,
                                                         {.role = crypto::CertificateRole::device,
                                                          .common_name = device.user_id,
                                                          .organization = "St. Mary",
                                                          .serial = crypto::random_serial(),
                                                          .validity = validity,
                                                          .uris = {"urn:uuid:" + device.device_id},
                                                          .dns_names = {},
                                                          .ip_addresses = {}})
                                   .value();
      identities.push_back({mls::CipherSuite::p256_aes128gcm_sha256_p256,
                            device,
                            {certificate.der()},
                            tls::encode(sender),
                            authority.der(),
                            log.key(),
                            {}});
      keys.push_back(key.to_raw());
      issued.push_back({device.user_id, device.device_id, certificate.der()});
      log.add(issued.back());
    }
    // Each device but the last knows all certificates to be logged: the last one has to be shown.
    auto view = transparency::LogView::create(log.key()).value();
    FUZZ_CHECK(log.teach(view).has_value(), "the log can be followed");
    identities.back().device_log = view.state();
    for (std::size_t i = 0; i < kDevices; ++i) {
      FUZZ_CHECK(view.prove(issued[i], i, log.inclusion(i, kDevices)).has_value(), "it holds each device");
    }
    for (std::size_t i = 0; i + 1 < kDevices; ++i) identities[i].device_log = view.state();
    log.grow(kDevices + 20);
    other.grow(kDevices + 20);
  }

  std::unique_ptr<Engine> engine(std::size_t device) const {
    auto signer = std::make_unique<crypto::SigningKey>(
        crypto::SigningKey::from_raw(crypto::SignatureAlgorithm::ecdsa_p256_sha256, keys[device].view())
            .value());
    return std::make_unique<Engine>(Context::create(identities[device], std::move(signer), kNow).value());
  }

  std::vector<Identity> identities;
  std::vector<SecretBytes> keys;
  std::vector<transparency::IssuedCertificate> issued;
  mutable transparency::MemoryLog log;    // The one that devices follow,
  mutable transparency::MemoryLog other;  // and what its keeper shows to others, under the same key.
  std::optional<crypto::SigningKey> server;
};

class Browsers {
 public:
  explicit Browsers(const Organisation& organisation) : organisation_(organisation) {
    for (std::size_t i = 0; i < kDevices; ++i) engines_[i] = organisation.engine(i);
  }

  void step(Input& input) {
    const std::size_t device = input.below(kDevices);
    const std::uint8_t form = input.byte();
    if (form >= 0xf8) {
      call(device, to_bytes(input.bytes()));
      return;
    }
    if (form == 0xf7) return prove_members(device);
    if (form >= 0xf0) return propose_removal(input);
    const auto method = static_cast<Method>(1 + form % 20);
    Bytes request = request_for(device, method, input);
    const bool spoilt = form >= 0xc0;
    if (spoilt) request = damaged(std::move(request), message(input), input);
    const Bytes before = describe(device);
    const SecretBytes answer = call(device, request);
    const bool ok = answer.view()[0] == static_cast<std::uint8_t>(Code::ok);
    FUZZ_CHECK(ok || describe(device) == before, "a request that is refused changes nothing");
    if (ok && !spoilt) keep(device, method, answer.view().subspan(1));
  }

 private:
  SecretBytes call(std::size_t device, const Bytes& request) {
    SecretBytes answer = engines_[device]->call(request);
    FUZZ_CHECK(!answer.empty() && answer.view()[0] <= static_cast<std::uint8_t>(Code::log_alarm),
               "there is always an answer");
    return answer;
  }

  Bytes describe(std::size_t device) {
    tls::Writer out;
    begin(out, Method::describe);
    tls::write(out, id_);
    return to_bytes(call(device, out.take()).view());
  }

  void prove_members(std::size_t device) {
    const Bytes before = describe(device);
    tls::Writer out;
    begin(out, Method::prove_members);
    tls::write(out, id_);
    call(device, out.take());
    FUZZ_CHECK(describe(device) == before, "to look at members changes nothing");
  }

  static void begin(tls::Writer& out, Method method) {
    tls::write(out, static_cast<std::uint64_t>(kNow));
    tls::write(out, method);
  }

  static const Bytes& one_of(const std::vector<Bytes>& list, Input& input) {
    static const Bytes nothing;
    return list.empty() ? nothing
                        : list[list.size() - 1 - input.below(std::min<std::size_t>(list.size(), 16))];
  }
  const Bytes& message(Input& input) const { return one_of(messages_, input); }

  std::vector<NewMember> some_members(std::size_t device, Input& input) const {
    std::vector<NewMember> members;
    const std::uint8_t chosen = input.byte();
    for (std::size_t i = 0; i < kDevices; ++i) {
      if (i != device && (chosen >> i & 1) != 0)
        members.push_back({organisation_.identities[i].device, one_of(key_packages_[i], input)});
    }
    return members;
  }
  Intent some_intent(std::size_t device, Input& input) const {
    Intent intent{some_members(device, input), {}};
    const std::uint8_t chosen = input.byte();
    for (std::size_t i = 0; i < kDevices; ++i) {
      if ((chosen >> i & 1) != 0) intent.remove.push_back(organisation_.identities[i].device);
    }
    return intent;
  }

  Bytes request_for(std::size_t device, Method method, Input& input) {
    tls::Writer out;
    begin(out, method);
    const Bytes key(32, 9);
    if (method >= Method::log_status) {
      write_log_request(out, method, input);
      return out.take();
    }
    if (method > Method::join_by_external_commit && method != Method::welcome_references)
      tls::write(out, id_);
    switch (method) {
      case Method::key_packages:
        tls::write(out, static_cast<std::uint32_t>(input.below(3)));
        tls::write(out, static_cast<std::uint8_t>(input.below(2)));
        tls::write(out, key);
        break;
      case Method::create:
        tls::write(out, id_);
        tls::write(out, some_members(device, input));
        tls::write(out, key);
        break;
      case Method::welcome_references:
        tls::write(out, one_of(welcomes_, input));
        break;
      case Method::join:
        tls::write(out, one_of(welcomes_, input));
        tls::write(out, std::optional<Bytes>());
        tls::write(out, key);
        tls::write(out, one_of(sealed_packages_[device], input));
        tls::write(out, key);
        break;
      case Method::join_by_external_commit:
        tls::write(out, id_);
        tls::write(out, one_of(group_infos_, input));
        tls::write(out, std::optional<Bytes>());
        tls::write(out, key);
        break;
      case Method::open: {
        const Bytes& state = one_of(states_[device], input);
        out.raw(state);
        tls::write(out, key);
        break;
      }
      case Method::process:
        tls::write(out, message(input));
        break;
      case Method::protect: {
        Bytes content = concat(input.take(input.byte()), as_bytes(std::to_string(written_.size())));
        tls::write(out, content);
        written_.insert(std::move(content));
        break;
      }
      case Method::commit:
      case Method::rebase:
        tls::write(out, some_intent(device, input));
        break;
      default:
        break;
    }
    return out.take();
  }

  /// True and false things about the device log.
  void write_log_request(tls::Writer& out, Method method, Input& input) const {
    auto& log = input.byte() < 0xc0 ? organisation_.log : organisation_.other;
    const std::uint64_t from = input.below(log.tree.size() + 1);
    const std::uint64_t to = from + input.below(log.tree.size() + 1 - from);
    switch (method) {
      case Method::learn:
      case Method::compare_checkpoint:
        tls::write(out, log.checkpoint(to));
        tls::write(out, log.consistency(from, to));
        break;
      case Method::prove: {
        const std::size_t device = input.below(kDevices);
        tls::write(out, std::vector<LoggedCertificate>{
                            {transparency::hash_of_certificate(organisation_.issued[device].certificate),
                             from, from < to ? log.inclusion(from, to) : merkle::Proof()}});
        break;
      }
      case Method::read_log: {
        const std::uint64_t last = from + input.below(to + 1 - from);
        const auto proof = merkle::subtree_consistency_proof(log.tree, from, last, to);
        tls::write(out, std::vector<std::string>(log.entries.begin() + static_cast<std::ptrdiff_t>(from),
                                                 log.entries.begin() + static_cast<std::ptrdiff_t>(last)));
        tls::write(out, proof.value_or(merkle::Proof()));
        break;
      }
      case Method::size_of_checkpoint:
        tls::write(out, log.checkpoint(to));
        break;
      default:
        break;
    }
  }

  template <class T>
  static T read(ByteView answer) {
    auto value = tls::decode<T>(answer);
    FUZZ_CHECK(value.has_value(), "an answer has the form that its method gives");
    return std::move(*value);
  }

  /// What others can be given, and this device later.
  void keep(std::size_t device, Method method, ByteView answer) {
    switch (method) {
      case Method::key_packages:
        for (const auto& each : read<std::vector<SealedKeyPackage>>(answer)) {
          key_packages_[device].push_back(each.key_package);
          sealed_packages_[device].push_back(each.sealed);
        }
        break;
      case Method::create: {
        const auto created = read<CreatedConversation>(answer);
        group_infos_.push_back(created.group_info_0);
        keep(device, created.first);
        break;
      }
      case Method::join:
        keep(device, read<JoinedConversation>(answer).state);
        break;
      case Method::join_by_external_commit:
      case Method::commit:
        keep(device, read<StagedCommit>(answer));
        break;
      case Method::rebase:
        if (const auto staged = read<std::optional<StagedCommit>>(answer)) keep(device, *staged);
        break;
      case Method::process: {
        const auto entry = read<ProcessedEntry>(answer);
        if (entry.kind == EntryKind::application)
          FUZZ_CHECK(written_.contains(to_bytes(entry.content.view())), "what is read was written");
        if (!entry.state.base.empty()) keep(device, entry.state);
        break;
      }
      case Method::protect: {
        const auto sent = read<ProtectedMessage>(answer);
        messages_.push_back(sent.message);
        keep(device, sent.state);
        break;
      }
      case Method::merge_pending:
        keep(device, read<MergedCommit>(answer).state);
        break;
      case Method::drop_pending:
        keep(device, read<SealedState>(answer));
        break;
      default:
        break;
    }
  }
  void keep(std::size_t device, const StagedCommit& staged) {
    messages_.push_back(staged.pending.commit);
    group_infos_.push_back(staged.pending.group_info);
    if (staged.pending.welcome) welcomes_.push_back(*staged.pending.welcome);
    keep(device, staged.state);
  }
  void keep(std::size_t device, const SealedState& state) { states_[device].push_back(tls::encode(state)); }

  /// The server asks for somebody's removal, in an epoch of its choice.
  void propose_removal(Input& input) {
    const mls::GroupId group(id_.begin(), id_.end());
    const auto proposal = mls::propose_externally(group, input.below(8), 0,
                                                  {mls::Remove{{static_cast<std::uint32_t>(input.below(4))}}},
                                                  *organisation_.server);
    if (proposal) messages_.push_back(tls::encode(mls::MlsMessage{*proposal}));
  }

  const Organisation& organisation_;
  ConversationId id_{1};
  std::array<std::unique_ptr<Engine>, kDevices> engines_;
  std::vector<Bytes> messages_, welcomes_, group_infos_;
  std::array<std::vector<Bytes>, kDevices> key_packages_, sealed_packages_, states_;
  std::set<Bytes> written_;
};

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline::fuzz;
  static const Organisation organisation;
  repeat_random_from(1);
  Input input(data, size);
  Browsers browsers(organisation);
  constexpr int kMostSteps = 48;
  for (int steps = 0; steps < kMostSteps && !input.at_end(); ++steps) browsers.step(input);
  return 0;
}
