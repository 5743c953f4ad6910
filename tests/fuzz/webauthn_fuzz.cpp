// What an authenticator or somebody in its place answers (server/identity): nothing crashes, and nobody gets
// in with an answer that was altered.
#include "server/identity/webauthn.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/repeatable_random.h"
#include "tests/hospital/soft_authenticator.h"

namespace wardline::fuzz {
namespace {

using namespace identity::webauthn;

struct Scene {
  Scene() {
    repeat_random_from(3);
    key.emplace();
    registration = key->register_with(challenge);
    credential = verify_registration(party, challenge, registration).value();
    ++key->sign_count;
    assertion = key->assert_with(challenge);
  }
  RelyingParty party{"localhost", "Hospital", {"https://localhost:8443"}};
  Bytes challenge = Bytes(32, 4);
  std::optional<hospital::SoftAuthenticator> key;
  Registration registration;
  Assertion assertion;
  Credential credential;
};

void register_altered(const Scene& scene, Input& input) {
  Registration answer = scene.registration;
  if (input.flag()) answer.client_data_json = damaged(answer.client_data_json, {}, input);
  if (input.flag())
    answer.attestation_object = damaged(answer.attestation_object, answer.client_data_json, input);
  static_cast<void>(verify_registration(scene.party, scene.challenge, answer));
}

void assert_altered(const Scene& scene, Input& input) {
  Assertion answer = scene.assertion;
  if (input.flag()) answer.client_data_json = damaged(answer.client_data_json, {}, input);
  if (input.flag()) answer.authenticator_data = damaged(answer.authenticator_data, {}, input);
  if (input.flag()) answer.signature = damaged(answer.signature, {}, input);
  const bool same = answer.client_data_json == scene.assertion.client_data_json &&
                    answer.authenticator_data == scene.assertion.authenticator_data &&
                    answer.signature == scene.assertion.signature;
  FUZZ_CHECK(verify_assertion(scene.party, scene.challenge, scene.credential, answer).has_value() == same,
             "an answer that was altered does not sign in");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  using namespace wardline::fuzz;
  static const Scene scene;
  Input input(data, size);
  switch (input.below(4)) {
    case 0:
      register_altered(scene, input);
      break;
    case 1:
      assert_altered(scene, input);
      break;
    case 2: {
      const Bytes client_data = to_bytes(input.bytes());
      static_cast<void>(
          verify_registration(scene.party, scene.challenge, {to_bytes(input.rest()), client_data}));
      break;
    }
    default: {
      const Bytes client_data = to_bytes(input.bytes()), signature = to_bytes(input.bytes());
      FUZZ_CHECK(!verify_assertion(scene.party, scene.challenge, scene.credential,
                                   {to_bytes(input.rest()), client_data, signature}),
                 "nobody signs in with an answer that was made up");
    }
  }
  return 0;
}
