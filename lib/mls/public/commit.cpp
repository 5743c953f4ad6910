#include "lib/mls/public/commit.h"

namespace wardline::mls {
namespace {
enum class ProposalOrRefType : std::uint8_t { proposal = 1, reference = 2 };
}

void ProposalOrRef::tls_write(tls::Writer& out) const {
  tls::write(out, std::holds_alternative<Proposal>(value) ? ProposalOrRefType::proposal
                                                          : ProposalOrRefType::reference);
  std::visit([&](const auto& item) { tls::write(out, item); }, value);
}

void ProposalOrRef::tls_read(tls::Reader& in) {
  ProposalOrRefType type{};
  tls::read(in, type);
  switch (type) {
    case ProposalOrRefType::proposal:
      return tls::read(in, value.emplace<Proposal>());
    case ProposalOrRefType::reference:
      return tls::read(in, value.emplace<ProposalRef>());
  }
  in.fail(tls::Error::invalid_value);
}

}  // namespace wardline::mls
