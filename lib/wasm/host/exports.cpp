// The C functions of the WebAssembly module, and the device's key, which stays with the host.
#include "lib/crypto/ecdsa_form.h"
#include "lib/crypto/host/imports.h"
#include "lib/wasm/engine.h"
#include "lib/wasm/files.h"

#define WARDLINE_WASM_EXPORT(name) extern "C" __attribute__((export_name(#name), visibility("default")))

namespace wardline::wasm {

using namespace conversation;

namespace {

extern "C" {
/// Signs with the device's key, which the host keeps: a non-extractable WebCrypto key. May wait. 1 for
/// success.
WARDLINE_HOST_IMPORT(device_sign)
int host_device_sign(const std::uint8_t* data, std::size_t size, std::uint8_t* signature);
}

class DeviceSigner final : public crypto::Signer {
 public:
  DeviceSigner(crypto::SignatureAlgorithm algorithm, Bytes public_key)
      : algorithm_(algorithm), public_key_(std::move(public_key)) {}
  crypto::SignatureAlgorithm algorithm() const override { return algorithm_; }
  const Bytes& public_key() const override { return public_key_; }
  crypto::Result<Bytes> sign(ByteView message) const override {
    Bytes joined(2 * crypto::ecdsa_field_size(algorithm_));
    if (host_device_sign(message.data(), message.size(), joined.data()) != 1) {
      return std::unexpected(crypto::Error::provider_failure);
    }
    return crypto::ecdsa_der_from_joined(joined);
  }

 private:
  crypto::SignatureAlgorithm algorithm_;
  Bytes public_key_;
};

// The one instance of the module serves one device: it lives as long as the instance.
std::unique_ptr<Engine> engine;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
SecretBytes answer;              // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

const std::uint8_t* give(SecretBytes bytes) {
  answer = std::move(bytes);
  return answer.view().data();
}

Outcome<std::unique_ptr<Context>> configure(ByteView input) {
  const auto configuration = tls::decode<Configuration>(input);
  const crypto::Suite* suite = configuration ? crypto::find_suite(configuration->identity.suite) : nullptr;
  if (!suite || crypto::ecdsa_field_size(suite->signature) == 0) return failed(Code::bad_request);
  auto signer = std::make_unique<DeviceSigner>(suite->signature, configuration->public_key);
  return Context::create(configuration->identity, std::move(signer),
                         static_cast<std::int64_t>(configuration->now));
}

}  // namespace

/// Memory for the input of a call; the call wipes and frees it.
WARDLINE_WASM_EXPORT(wardline_allocate) std::uint8_t* wardline_allocate(std::size_t size) {
  return new std::uint8_t[size];
}

WARDLINE_WASM_EXPORT(wardline_configure)
const std::uint8_t* wardline_configure(std::uint8_t* input, std::size_t size) {
  auto context = configure({input, size});
  delete[] input;
  if (!context) return give(refusal(context.error()));
  engine = std::make_unique<Engine>(std::move(*context));
  return give(SecretBytes(std::size_t{1}));
}

WARDLINE_WASM_EXPORT(wardline_call) const std::uint8_t* wardline_call(std::uint8_t* input, std::size_t size) {
  SecretBytes result = engine ? engine->call({input, size}) : refusal({Code::bad_request});
  wipe({input, size});
  delete[] input;
  return give(std::move(result));
}

/// Files, for which no device need be configured.
WARDLINE_WASM_EXPORT(wardline_file_call)
const std::uint8_t* wardline_file_call(std::uint8_t* input, std::size_t size) {
  SecretBytes result = file_call({input, size});
  wipe({input, size});
  delete[] input;
  return give(std::move(result));
}

/// How long the answer of the last call is.
WARDLINE_WASM_EXPORT(wardline_answer_size) std::size_t wardline_answer_size() { return answer.size(); }
/// Wipes the answer of the last call.
WARDLINE_WASM_EXPORT(wardline_answer_done) void wardline_answer_done() { answer = SecretBytes(); }
/// Wipes everything.
WARDLINE_WASM_EXPORT(wardline_close) void wardline_close() {
  engine.reset();
  answer = SecretBytes();
}

}  // namespace wardline::wasm
