#include "lib/wasm/engine.h"

#include "lib/conversation/key_packages.h"
#include "lib/mls/public/decode.h"

namespace wardline::wasm {

using namespace conversation;

namespace {

template <class T>
T take(tls::Reader& in) {
  T value{};
  tls::read(in, value);
  return value;
}

Outcome<mls::SealingKey> take_key(tls::Reader& in) {
  auto key = mls::SealingKey::create(take<SecretBytes>(in));
  if (!key) return failed(key.error());
  return std::move(*key);
}

Outcome<mls::MlsMessage> take_message(tls::Reader& in) {
  auto message = mls::decode_message(take<Bytes>(in));
  if (!message) return failed(message.error());
  return std::move(*message);
}

Outcome<std::optional<mls::RatchetTreeWire>> take_tree(tls::Reader& in) {
  const auto wire = take<std::optional<Bytes>>(in);
  if (!wire) return std::optional<mls::RatchetTreeWire>();
  auto tree = mls::decode<mls::RatchetTreeWire>(*wire);
  if (!tree) return failed(tree.error());
  return std::optional(std::move(*tree));
}

}  // namespace

SecretBytes refusal(Failure failure) {
  tls::Writer out;
  tls::write(out, failure.code);
  tls::write(out, failure.rule_text());
  tls::write(out, failure.unlogged);
  return SecretBytes(out.take());
}

/// One call: reads what the method takes, does it, and writes what it gives.
class Engine::Call {
 public:
  Call(Engine& engine, tls::Reader& in, tls::Writer& out)
      : engine_(engine), context_(*engine.context_), in_(in), out_(out) {}

  Outcome<void> run(Method method) {
    switch (method) {
      case Method::key_packages:
        return key_packages();
      case Method::create:
        return create();
      case Method::welcome_references:
        return welcome_references();
      case Method::join:
        return join();
      case Method::join_by_external_commit:
        return join_by_external_commit();
      case Method::open:
        return open();
      case Method::forget: {
        const auto id = take<ConversationId>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        engine_.conversations_.erase(id);
        return {};
      }
      case Method::log_status:
      case Method::learn:
      case Method::prove:
      case Method::read_log:
      case Method::size_of_checkpoint:
      case Method::compare_checkpoint:
        return with_device_log(method);
      default:
        return in_conversation(method);
    }
  }

 private:
  Outcome<void> with_device_log(Method method) {
    Context& context = *engine_.context_;
    switch (method) {
      case Method::learn: {
        const auto checkpoint = take<std::string>(in_);
        const auto proof = take<std::vector<merkle::Hash>>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        return give(context.learn(checkpoint, proof));
      }
      case Method::prove: {
        const auto logged = take<std::vector<LoggedCertificate>>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        return give(context.prove(logged));
      }
      case Method::read_log: {
        const auto entries = take<std::vector<std::string>>(in_);
        const auto proof = take<std::vector<merkle::Hash>>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        return give(context.read_log(entries, proof));
      }
      case Method::size_of_checkpoint: {
        const auto checkpoint = take<std::string>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        const auto size = context.authority().log().size_of(checkpoint);
        return size ? give(*size) : failed(size.error());
      }
      case Method::compare_checkpoint: {
        const auto checkpoint = take<std::string>(in_);
        const auto proof = take<std::vector<merkle::Hash>>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        const auto same = context.authority().log().compare(checkpoint, proof);
        return same ? give(context.log_status()) : failed(same.error());
      }
      default:
        if (!is_whole()) return failed(Code::bad_request);
        return give(context.log_status());
    }
  }

  Outcome<void> in_conversation(Method method) {
    auto found = engine_.find(take<ConversationId>(in_));
    if (!found) return std::unexpected(found.error());
    Conversation& conversation = **found;
    switch (method) {
      case Method::describe:
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.describe(context_));
      case Method::process: {
        const auto message = take_message(in_);
        if (!message) return std::unexpected(message.error());
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.process(*message, context_));
      }
      case Method::protect: {
        const auto content = take<SecretBytes>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.protect(content.view(), context_));
      }
      case Method::prove_members: {
        if (!is_whole()) return failed(Code::bad_request);
        return conversation.prove_members(context_);
      }
      case Method::commit: {
        auto intent = take<Intent>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.commit(std::move(intent), context_));
      }
      case Method::rebase: {
        auto intent = take<Intent>(in_);
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.rebase(std::move(intent), context_));
      }
      case Method::merge_pending:
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.merge_pending(context_));
      case Method::drop_pending:
        if (!is_whole()) return failed(Code::bad_request);
        return give(conversation.drop_pending());
      default:
        return failed(Code::bad_request);
    }
  }

  Outcome<void> key_packages() {
    const auto count = take<std::uint32_t>(in_);
    const auto last_resort = take<LastResort>(in_);
    const auto key = take_key(in_);
    if (!key) return std::unexpected(key.error());
    if (!is_whole()) return failed(Code::bad_request);
    return give(make_key_packages(count, last_resort, *key, context_));
  }

  Outcome<void> create() {
    const auto id = take<ConversationId>(in_);
    const auto members = take<std::vector<NewMember>>(in_);
    auto key = take_key(in_);
    if (!key) return std::unexpected(key.error());
    if (!is_whole()) return failed(Code::bad_request);
    auto made = Conversation::create(id, members, std::move(*key), context_);
    if (!made) return std::unexpected(made.error());
    keep(id, std::move(made->conversation));
    return give(made->created);
  }

  Outcome<void> welcome_references() {
    const auto message = take_message(in_);
    if (!message) return std::unexpected(message.error());
    if (!is_whole()) return failed(Code::bad_request);
    const auto* welcome = message->as<mls::Welcome>();
    if (!welcome) return failed(Code::invalid_message);
    std::vector<Bytes> references;
    for (const auto& each : welcome->secrets) references.push_back(each.new_member);
    return give(references);
  }

  Outcome<void> join() {
    const auto message = take_message(in_);
    if (!message) return std::unexpected(message.error());
    auto tree = take_tree(in_);
    if (!tree) return std::unexpected(tree.error());
    const auto bundle_key = take_key(in_);
    if (!bundle_key) return std::unexpected(bundle_key.error());
    const auto bundle = mls::KeyPackageBundle::unseal(*bundle_key, take<Bytes>(in_));
    if (!bundle) return failed(bundle.error());
    auto key = take_key(in_);
    if (!key) return std::unexpected(key.error());
    if (!is_whole()) return failed(Code::bad_request);
    const auto* welcome = message->as<mls::Welcome>();
    if (!welcome) return failed(Code::invalid_message);
    auto joined = Conversation::join(*welcome, std::move(*tree), *bundle, std::move(*key), context_);
    if (!joined) return std::unexpected(joined.error());
    JoinedConversation answer{joined->conversation.describe(context_), bundle->reference(),
                              std::move(joined->state)};
    keep(answer.opened.id, std::move(joined->conversation));
    return give(answer);
  }

  Outcome<void> join_by_external_commit() {
    const auto id = take<ConversationId>(in_);
    const auto message = take_message(in_);
    if (!message) return std::unexpected(message.error());
    auto tree = take_tree(in_);
    if (!tree) return std::unexpected(tree.error());
    auto key = take_key(in_);
    if (!key) return std::unexpected(key.error());
    if (!is_whole()) return failed(Code::bad_request);
    const auto* info = message->as<mls::GroupInfo>();
    if (!info) return failed(Code::invalid_message);
    auto began =
        Conversation::join_by_external_commit(id, *info, std::move(*tree), std::move(*key), context_);
    if (!began) return std::unexpected(began.error());
    keep(id, std::move(began->conversation));
    return give(began->staged);
  }

  Outcome<void> open() {
    const auto id = take<ConversationId>(in_);
    const auto state = take<SealedState>(in_);
    auto key = take_key(in_);
    if (!key) return std::unexpected(key.error());
    if (!is_whole()) return failed(Code::bad_request);
    auto conversation = Conversation::open(id, state, std::move(*key));
    if (!conversation) return std::unexpected(conversation.error());
    const auto opened = conversation->describe(context_);
    keep(id, std::move(*conversation));
    return give(opened);
  }

  void keep(const ConversationId& id, Conversation conversation) {
    engine_.conversations_.insert_or_assign(id, std::move(conversation));
  }

  /// The request says what the method takes and nothing more. To be asked before anything is done.
  bool is_whole() const { return in_.ok() && in_.at_end(); }

  template <class T>
  Outcome<void> give(const T& value) {
    tls::write(out_, value);
    return {};
  }
  template <class T>
  Outcome<void> give(const Outcome<T>& outcome) {
    if (!outcome) return std::unexpected(outcome.error());
    return give(*outcome);
  }

  Engine& engine_;
  const Context& context_;
  tls::Reader& in_;
  tls::Writer& out_;
};

Outcome<Conversation*> Engine::find(const ConversationId& id) {
  const auto found = conversations_.find(id);
  if (found == conversations_.end()) return failed(Code::unknown_conversation);
  return &found->second;
}

SecretBytes Engine::call(ByteView request) {
  tls::Reader in(request);
  const auto now = take<std::uint64_t>(in);
  const auto method = take<Method>(in);
  context_->set_now(static_cast<std::int64_t>(now));
  tls::Writer out;
  tls::write(out, Code::ok);
  const auto done = Call(*this, in, out).run(method);
  if (!done) return refusal(done.error());
  return SecretBytes(out.take());
}

}  // namespace wardline::wasm
