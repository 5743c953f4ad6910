// Every conversation of a device, behind one function that takes and gives bytes: what the WebAssembly module
// exports.
#pragma once

#include "lib/conversation/conversation.h"

namespace wardline::wasm {

using conversation::Context;
using conversation::Conversation;
using conversation::ConversationId;
using conversation::Failure;
using conversation::Outcome;

/// The numbers cross the border of the module: see web/packages/mls/src/wire.ts.
enum class Method : std::uint8_t {
  key_packages = 1,
  create = 2,
  welcome_references = 3,
  join = 4,
  join_by_external_commit = 5,
  open = 6,
  forget = 7,
  describe = 8,
  process = 9,
  protect = 10,
  commit = 11,
  rebase = 12,
  merge_pending = 13,
  drop_pending = 14,
  log_status = 15,
  learn = 16,
  prove = 17,
  read_log = 18,
  size_of_checkpoint = 19,
  compare_checkpoint = 20,
  prove_members = 21,
};

/// What a device's engine starts from: the host keeps the key.
struct Configuration {
  std::uint64_t now = 0;  ///< microseconds since 1970
  Bytes public_key;
  conversation::Identity identity;
  WARDLINE_TLS_FIELDS(now, public_key, identity)
};

class Engine {
 public:
  explicit Engine(std::unique_ptr<Context> context) : context_(std::move(context)) {}

  /// `request`: the time (microseconds since 1970), the method, and what it takes. The answer is a Code, then
  /// what the method gives or the id of the rule that was broken.
  SecretBytes call(ByteView request);

 private:
  class Call;
  Outcome<Conversation*> find(const ConversationId& id);

  std::unique_ptr<Context> context_;
  std::map<ConversationId, Conversation> conversations_;
};

/// The answer for a failure.
SecretBytes refusal(Failure failure);

}  // namespace wardline::wasm
