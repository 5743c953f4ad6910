// A module for tests: the peer inside a browser, on the host's primitives. Never part of the web client.
#include "tests/interop/peer.h"

#define WARDLINE_WASM_EXPORT(name) extern "C" __attribute__((export_name(#name), visibility("default")))

namespace wardline::interop {
namespace {

// They live as long as the instance.
std::unique_ptr<Peer> peer;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
Bytes answer;                // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

}  // namespace

WARDLINE_WASM_EXPORT(wardline_allocate) std::uint8_t* wardline_allocate(std::size_t size) {
  return new std::uint8_t[size];
}

WARDLINE_WASM_EXPORT(wardline_peer)
const std::uint8_t* wardline_peer(std::uint8_t* input, std::size_t size) {
  if (!peer) peer = std::make_unique<Peer>();
  answer = peer->call({input, size});
  delete[] input;
  return answer.data();
}

WARDLINE_WASM_EXPORT(wardline_answer_size) std::size_t wardline_answer_size() { return answer.size(); }
WARDLINE_WASM_EXPORT(wardline_answer_done) void wardline_answer_done() { answer.clear(); }
WARDLINE_WASM_EXPORT(wardline_close) void wardline_close() { peer.reset(); }

}  // namespace wardline::interop
