#include "tests/interop/peer.h"

#include "tests/interop/peer_call.h"

namespace wardline::interop {

using namespace mls;

Result<View> view_of(const Group& group) {
  const auto exported = group.export_secret("wardline interop", as_bytes("context"), 32);
  if (!exported) return std::unexpected(exported.error());
  View view{.epoch = group.epoch(),
            .own_leaf = group.own_leaf().value,
            .tree_hash = group.context().tree_hash,
            .confirmed_transcript_hash = group.context().confirmed_transcript_hash,
            .epoch_authenticator = to_bytes(group.epoch_authenticator()),
            .exported = to_bytes(exported->view()),
            .members = {}};
  group.tree().for_each_member([&](LeafIndex leaf, const LeafNode& node) {
    view.members.push_back({leaf.value, node.signature_key});
  });
  return view;
}

std::optional<SecretBytes> SharedPsks::find(const PreSharedKeyId& id) const {
  const auto* external = std::get_if<ExternalPskId>(&id.key);
  const auto found = external ? known.find(external->psk_id) : known.end();
  if (found == known.end()) return std::nullopt;
  return SecretBytes(ByteView(found->second));
}

Peer::Peer()
    : validation_{.credentials = validator_, .lifetimes = LifetimeCheck{}},
      environment_{validation_, &psks_} {}

Bytes Peer::call(ByteView request) {
  tls::Reader in(request);
  const auto now = take<std::uint64_t>(in);
  const auto method = take<Method>(in);
  validation_.lifetimes->now = now;
  tls::Writer out;
  out.uint(0, 1);
  auto done = Call(*this, now, in, out).run(method);
  if (done && in.ok() && in.at_end()) return out.take();
  tls::Writer refusal;
  refusal.uint(1, 1);
  tls::write(refusal, done ? std::string("the request does not decode") : done.error());
  return refusal.take();
}

}  // namespace wardline::interop
