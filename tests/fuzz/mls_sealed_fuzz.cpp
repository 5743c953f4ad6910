// Sealed state: bytes that were altered on disk do not open, and what an older or faulty program has sealed
// is read or refused, whatever it holds.
#include "lib/mls/member/external_join.h"
#include "lib/mls/member/group.h"
#include "lib/mls/public/public_group.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/repeatable_random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  using namespace wardline::mls;
  fuzz::repeat_random_from(1);
  fuzz::Input input(data, size);
  const std::uint8_t form = input.byte();
  const SealingKey key = SealingKey::create(SecretBytes(Bytes(32, 1))).value();
  if (form >= 8) {
    const Bytes sealed = to_bytes(input.rest());
    FUZZ_CHECK(!Group::load(key, sealed) && !KeyPackageBundle::unseal(key, sealed) &&
                   !ExternalJoin::unseal(key, sealed),
               "nobody seals state without the key");
    return 0;
  }
  const auto kind = static_cast<SealedKind>(1 + form % 4);
  const SecretBytes state(input.rest());
  const Bytes sealed = seal_state(key, kind, state).value();
  switch (kind) {
    case SealedKind::group: {
      auto group = Group::load(key, sealed);
      if (!group) break;
      const auto again = open_state(key, kind, group->serialize(key).value());
      FUZZ_CHECK(Group::load(key, seal_state(key, kind, *again).value()).has_value(),
                 "what was loaded can be stored again");
      break;
    }
    case SealedKind::key_package:
      static_cast<void>(KeyPackageBundle::unseal(key, sealed));
      break;
    case SealedKind::external_join:
      static_cast<void>(ExternalJoin::unseal(key, sealed));
      break;
    case SealedKind::ratchets:
      // The server's form, which is not sealed: it comes from the server's own database.
      if (auto group = PublicGroup::restore(state.view()))
        FUZZ_CHECK(PublicGroup::restore(group->save()).has_value(), "what was restored can be stored again");
      break;
  }
  return 0;
}
