// The way in for bytes off the wire: bounded, and malformed_message for whatever does not decode.
#pragma once

#include "lib/mls/public/error.h"
#include "lib/mls/public/framing.h"
#include "lib/mls/public/limits.h"

namespace wardline::mls {

/// Decodes one structure of this module, whole.
template <class T>
Result<T> decode(ByteView wire, const Limits& limits = {}) {
  if (wire.size() > limits.message_bytes) return broken(Rule::message_size);
  // RFC 9420 §2.1: non-minimal lengths, trailing bytes and values that a type does not have make a message
  // malformed.
  auto value = tls::decode<T>(wire);
  if (!value) return broken(Rule::malformed_message);
  return std::move(*value);
}

inline Result<MlsMessage> decode_message(ByteView wire, const Limits& limits = {}) {
  return decode<MlsMessage>(wire, limits);
}

}  // namespace wardline::mls
