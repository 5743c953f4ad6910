#include "lib/mls/public/proposal.h"

namespace wardline::mls {
namespace {

enum class PskType : std::uint8_t { external = 1, resumption = 2 };

bool is_known(ResumptionPskUsage usage) {
  return usage == ResumptionPskUsage::application || usage == ResumptionPskUsage::reinit ||
         usage == ResumptionPskUsage::branch;
}

}  // namespace

void PreSharedKeyId::tls_write(tls::Writer& out) const {
  tls::write(out, std::holds_alternative<ExternalPskId>(key) ? PskType::external : PskType::resumption);
  std::visit([&](const auto& id) { tls::write(out, id); }, key);
  tls::write(out, psk_nonce);
}

void PreSharedKeyId::tls_read(tls::Reader& in) {
  PskType type{};
  tls::read(in, type);
  switch (type) {
    case PskType::external:
      tls::read(in, key.emplace<ExternalPskId>());
      break;
    case PskType::resumption: {
      auto& resumption = key.emplace<ResumptionPskId>();
      tls::read(in, resumption);
      if (!is_known(resumption.usage)) in.fail(tls::Error::invalid_value);
      break;
    }
    default:
      in.fail(tls::Error::invalid_value);
  }
  tls::read(in, psk_nonce);
}

ProposalType Proposal::type() const {
  return std::visit([](const auto& proposal) { return std::remove_cvref_t<decltype(proposal)>::kType; },
                    value);
}

void Proposal::tls_write(tls::Writer& out) const {
  tls::write(out, type());
  std::visit([&](const auto& proposal) { tls::write(out, proposal); }, value);
}

void Proposal::tls_read(tls::Reader& in) {
  ProposalType wire_type{};
  tls::read(in, wire_type);
  switch (wire_type) {
    case ProposalType::add:
      return tls::read(in, value.emplace<Add>());
    case ProposalType::update:
      return tls::read(in, value.emplace<Update>());
    case ProposalType::remove:
      return tls::read(in, value.emplace<Remove>());
    case ProposalType::psk:
      return tls::read(in, value.emplace<PreSharedKey>());
    case ProposalType::reinit:
      return tls::read(in, value.emplace<ReInit>());
    case ProposalType::external_init:
      return tls::read(in, value.emplace<ExternalInit>());
    case ProposalType::group_context_extensions:
      return tls::read(in, value.emplace<GroupContextExtensions>());
  }
  in.fail(tls::Error::invalid_value);
}

}  // namespace wardline::mls
