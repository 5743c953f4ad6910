// Group in sealed storage: whole, and the part that each message changes.
#include "lib/mls/member/group.h"
#include "lib/mls/member/group_pending.h"
#include "lib/mls/member/member_state_storage.h"

namespace wardline::mls {
namespace {

void write_flag(tls::Writer& out, bool flag) { out.uint(flag ? 1 : 0, 1); }
bool read_flag(tls::Reader& in) { return in.uint(1) != 0; }

struct StoredProposal {
  ProposalRef reference;
  PendingProposal pending;
  WARDLINE_TLS_FIELDS(reference, pending)
};

void write_request(tls::Writer& out, const CommitRequest& request) {
  tls::write(out, request.proposals);
  write_flag(out, request.with_cached);
  write_flag(out, request.with_path);
  tls::write(out, request.leaf);
  write_flag(out, request.tree_in_welcome);
  tls::write(out, request.authenticated_data);
}

CommitRequest read_request(tls::Reader& in) {
  CommitRequest request;
  tls::read(in, request.proposals);
  request.with_cached = read_flag(in);
  request.with_path = read_flag(in);
  tls::read(in, request.leaf);
  request.tree_in_welcome = read_flag(in);
  tls::read(in, request.authenticated_data);
  return request;
}

}  // namespace

void Group::write(tls::Writer& out) const {
  tls::write(out, config_);
  write_flag(out, removed_);
  write_state(out, state_);
  std::vector<StoredProposal> proposals;
  proposals.reserve(arrival_.size());
  for (const ProposalRef& reference : arrival_) proposals.push_back({reference, proposals_.at(reference)});
  tls::write(out, proposals);
  out.vector([&](tls::Writer& inner) {
    for (const auto& [public_key, key] : own_updates_) tls::write(inner, key.to_raw());
  });
  out.vector([&](tls::Writer& inner) {
    for (const PastEpoch& past : past_) {
      write_past_state(inner, past.group, state_.group);
      tls::write(inner, past.sender_data_secret);
      tls::write(inner, past.keys);
    }
  });
  out.vector([&](tls::Writer& inner) {
    for (const auto& [epoch_number, secret] : resumption_) {
      tls::write(inner, epoch_number);
      tls::write(inner, secret);
    }
  });
  write_flag(out, pending_ != nullptr);
  if (pending_) {
    tls::write(out, pending_->message);
    write_state(out, pending_->next);
    write_request(out, pending_->request);
  }
  write_flag(out, lost_.has_value());
  if (lost_) write_request(out, *lost_);
}

Result<Group> Group::read(tls::Reader& in) {
  GroupConfig config;
  tls::read(in, config);
  const bool removed = read_flag(in);
  auto state = read_state(in);
  if (!state) return std::unexpected(state.error());
  Group group(std::move(*state), config);
  group.removed_ = removed;
  group.read_proposals(in);
  group.read_past(in);
  if (read_flag(in)) {
    MlsMessage message;
    tls::read(in, message);
    auto next = read_state(in);
    if (!next) return std::unexpected(next.error());
    group.pending_ = std::make_unique<Pending>(std::move(message), std::move(*next), read_request(in));
  }
  if (read_flag(in)) group.lost_ = read_request(in);
  if (!in.ok() || !in.at_end()) return broken(Rule::sealed_state_opens);
  return group;
}

void Group::read_proposals(tls::Reader& in) {
  std::vector<StoredProposal> proposals;
  tls::read(in, proposals);
  for (StoredProposal& each : proposals) {
    arrival_.push_back(each.reference);
    proposals_.emplace(std::move(each.reference), std::move(each.pending));
  }
  in.vector([&](tls::Reader& inner) {
    SecretBytes raw;
    tls::read(inner, raw);
    auto key = crypto::HpkePrivateKey::from_raw(suite(), raw.view());
    if (!key) return inner.fail(tls::Error::invalid_value);
    own_updates_.insert_or_assign(key->public_key(), std::move(*key));
  });
}

void Group::read_past(tls::Reader& in) {
  in.vector([&](tls::Reader& inner) {
    auto past = read_past_state(inner, state_.group);
    if (!past) return inner.fail(tls::Error::invalid_value);
    SecretBytes sender_data_secret;
    SecretTree keys(suite());
    tls::read(inner, sender_data_secret);
    tls::read(inner, keys);
    past_.push_back({std::move(*past), std::move(sender_data_secret), std::move(keys)});
  });
  in.vector([&](tls::Reader& inner) {
    Epoch epoch_number = 0;
    SecretBytes secret;
    tls::read(inner, epoch_number);
    tls::read(inner, secret);
    resumption_.insert_or_assign(epoch_number, std::move(secret));
  });
}

Result<Bytes> Group::serialize(const SealingKey& key) const {
  tls::Writer out;
  write(out);
  return seal_state(key, SealedKind::group, SecretBytes(out.take()));
}

Result<Group> Group::load(const SealingKey& key, ByteView sealed) {
  const auto state = open_state(key, SealedKind::group, sealed);
  if (!state) return std::unexpected(state.error());
  tls::Reader in(state->view());
  return read(in);
}

Result<Bytes> Group::serialize_ratchets(const SealingKey& key) const {
  tls::Writer out;
  tls::write(out, group_id());
  tls::write(out, state_.group.confirmation_tag);
  tls::write(out, state_.keys);
  out.vector([&](tls::Writer& inner) {
    for (const PastEpoch& past : past_) {
      tls::write(inner, past.group.context.epoch);
      tls::write(inner, past.keys);
    }
  });
  return seal_state(key, SealedKind::ratchets, SecretBytes(out.take()));
}

Result<void> Group::restore_ratchets(const SealingKey& key, ByteView sealed) {
  const auto stored = open_state(key, SealedKind::ratchets, sealed);
  if (!stored) return std::unexpected(stored.error());
  tls::Reader in(stored->view());
  GroupId id;
  Bytes tag;
  tls::read(in, id);
  tls::read(in, tag);
  if (id != group_id() || tag != state_.group.confirmation_tag) return broken(Rule::ratchets_of_epoch);
  SecretTree keys(suite());
  tls::read(in, keys);
  std::map<Epoch, SecretTree> past_keys;
  in.vector([&](tls::Reader& inner) {
    Epoch epoch_number = 0;
    SecretTree each(suite());
    tls::read(inner, epoch_number);
    tls::read(inner, each);
    past_keys.insert_or_assign(epoch_number, std::move(each));
  });
  if (!in.ok() || !in.at_end()) return broken(Rule::sealed_state_opens);
  state_.keys = std::move(keys);
  for (PastEpoch& past : past_) {
    const auto found = past_keys.find(past.group.context.epoch);
    if (found != past_keys.end()) past.keys = std::move(found->second);
  }
  return {};
}

}  // namespace wardline::mls
