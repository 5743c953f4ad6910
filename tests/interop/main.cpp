// mls-peer: the native side of the interoperation tests. Each line `ENTRY INSTANCE BASE64` is a call, each
// answer a line of base64. Entries: `peer` (an interop::Peer), and for devices that run the engine of the web
// client natively: `device_key` (a new key of this suite), `wardline_configure`, `wardline_call` and `close`.
#include <iostream>
#include <sstream>

#include "lib/bytes/text.h"
#include "lib/wasm/engine.h"
#include "tests/interop/peer.h"

namespace {

using namespace wardline;

/// A device whose engine runs here instead of in a page.
struct Device {
  std::optional<crypto::SigningKey> key;  ///< outlives the engine: a device may be restarted
  std::unique_ptr<wasm::Engine> engine;
};

std::optional<Bytes> new_key(Device& device, ByteView suite_number) {
  const auto id = tls::decode<crypto::CipherSuite>(suite_number);
  const crypto::Suite* suite = id ? crypto::find_suite(*id) : nullptr;
  if (!suite) return std::nullopt;
  auto key = crypto::SigningKey::generate(suite->signature);
  if (!key) return std::nullopt;
  device.key = std::move(*key);
  return device.key->public_key();
}

std::optional<Bytes> configure(Device& device, ByteView input) {
  const auto configuration = tls::decode<wasm::Configuration>(input);
  if (!configuration || !device.key) return std::nullopt;
  auto signer = crypto::SigningKey::from_raw(device.key->algorithm(), device.key->to_raw().view());
  if (!signer) return std::nullopt;
  auto context = conversation::Context::create(configuration->identity,
                                               std::make_unique<crypto::SigningKey>(std::move(*signer)),
                                               static_cast<std::int64_t>(configuration->now));
  if (!context) return to_bytes(wasm::refusal(context.error()).view());
  device.engine = std::make_unique<wasm::Engine>(std::move(*context));
  return Bytes{0};
}

std::optional<Bytes> answer(const std::string& line, interop::Peer& peer,
                            std::map<std::string, Device>& devices) {
  std::istringstream words(line);
  std::string entry;
  std::string instance;
  std::string text;
  words >> entry >> instance >> text;
  const auto input = from_base64(text);
  if (!input) return std::nullopt;
  if (entry == "peer") return peer.call(*input);
  Device& device = devices[instance];
  if (entry == "close") {
    device.engine.reset();
    return Bytes();
  }
  if (entry == "device_key") return new_key(device, *input);
  if (entry == "wardline_configure") return configure(device, *input);
  if (entry == "wardline_call" && device.engine) return to_bytes(device.engine->call(*input).view());
  return std::nullopt;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  interop::Peer peer;
  std::map<std::string, Device> devices;
  for (std::string line; std::getline(std::cin, line);) {
    const auto given = answer(line, peer, devices);
    if (!given) {
      std::cerr << "mls-peer: this is no call: " << line.substr(0, 60) << "\n";
      return 2;
    }
    std::cout << to_base64(*given) << std::endl;
  }
}
