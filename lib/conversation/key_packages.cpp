#include "lib/conversation/key_packages.h"

namespace wardline::conversation {

Outcome<std::vector<SealedKeyPackage>> make_key_packages(std::uint32_t count, LastResort last_resort,
                                                         const mls::SealingKey& key, const Context& context) {
  const mls::Lifetime lifetime = context.lifetime();
  std::vector<SealedKeyPackage> packages;
  for (std::uint32_t i = 0; i < count + (last_resort == LastResort::yes ? 1 : 0); ++i) {
    mls::Extensions extensions;
    if (i == count) extensions.push_back({mls::ExtensionType{0x000a}, {}});  // RFC 9420 §16.8.
    const auto bundle = mls::KeyPackageBundle::create(context.suite(), context.signer(), context.leaf(),
                                                      lifetime, extensions);
    if (!bundle) return failed(bundle.error());
    auto sealed = bundle->seal(key);
    if (!sealed) return failed(sealed.error());
    packages.push_back({bundle->reference(), tls::encode(mls::MlsMessage{bundle->key_package()}),
                        std::move(*sealed), lifetime.not_after * 1'000'000});
  }
  return packages;
}

}  // namespace wardline::conversation
