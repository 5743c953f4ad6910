// Members, the server and an attacker around one group: any bytes, in any state (lib/mls/member,
// lib/mls/public).
#include "tests/fuzz/mls_world.h"
#include "tests/fuzz/repeatable_random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::repeat_random_from(1);
  fuzz::Input input(data, size);
  fuzz::MlsWorld world(input.flag() ? mls::CipherSuite::p256_aes128gcm_sha256_p256
                                    : mls::CipherSuite::x25519_aes128gcm_sha256_ed25519);
  constexpr int kMostSteps = 64;
  for (int steps = 0; steps < kMostSteps && !input.at_end(); ++steps) {
    world.step(input);
    world.check_agreement();
  }
  world.check_secrecy();
  return 0;
}
