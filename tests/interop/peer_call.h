// One call of a test peer: reads what the method takes, does it, and writes what it gives.
#pragma once

#include "lib/mls/public/decode.h"
#include "tests/interop/peer.h"
#include "tests/interop/peer_wire.h"

namespace wardline::interop {

/// Nothing, or why not: the name of a rule, or what is wrong with the request.
using Done = std::expected<void, std::string>;

inline std::unexpected<std::string> refused(mls::Error error) {
  return std::unexpected(std::string(name_of(error)));
}
inline std::unexpected<std::string> bad(std::string why) { return std::unexpected(std::move(why)); }

template <class T>
T take(tls::Reader& in) {
  T value{};
  tls::read(in, value);
  return value;
}

/// The structure that a message is.
template <class T>
std::expected<T, std::string> take_message(tls::Reader& in) {
  auto message = mls::decode_message(take<Bytes>(in));
  if (!message) return refused(message.error());
  const T* content = message->template as<T>();
  if (!content) return bad("another kind of message");
  return *content;
}

inline mls::Result<std::optional<mls::RatchetTreeWire>> take_tree(tls::Reader& in) {
  const auto wire = take<std::optional<Bytes>>(in);
  if (!wire) return std::optional<mls::RatchetTreeWire>();
  auto tree = mls::decode<mls::RatchetTreeWire>(*wire);
  if (!tree) return std::unexpected(tree.error());
  return std::optional(std::move(*tree));
}

class Peer::Call {
 public:
  Call(Peer& peer, std::uint64_t now, tls::Reader& in, tls::Writer& out)
      : peer_(peer), now_(now), in_(in), out_(out) {}

  Done run(Method method);

 private:
  // Which method is for whom, and what a delivery service does: peer_commands.cpp.
  Done by_member(Method method, Member& member);
  Done in_group(Method method, Member& member, mls::Group& group);
  Done follow_group();
  /// A handshake, and the GroupInfo that comes with a commit, checked as the server checks them.
  Done follow(mls::PublicGroup& group);
  Done give_followed(const mls::PublicGroup& group);
  Done give_message(const mls::Result<mls::MlsMessage>& message);
  Done give_bundle(const mls::Result<mls::CommitBundle>& bundle);

  // What a member does: peer_members.cpp.
  Done new_member();
  Done key_package(Member& member);
  Done create(Member& member);
  Done join(Member& member);
  Done join_externally(Member& member);
  /// As an external sender: only the member's key plays a part.
  Done propose_as_outsider(Member& member);
  Done receive(mls::Group& group);
  static Done store_and_load(mls::Group& group);
  /// What a browser has stored, opened by the native library: both must mean the same by it.
  Done view_sealed();
  mls::Lifetime lifetime() const;
  mls::GroupConfig config();

  static Done done(const mls::Result<void>& result) {
    if (!result) return refused(result.error());
    return {};
  }
  static Done no_group() { return bad("no group"); }
  template <class T>
  Done give(const mls::Result<T>& value) {
    if (!value) return refused(value.error());
    tls::write(out_, *value);
    return {};
  }

  Peer& peer_;
  std::uint64_t now_;
  tls::Reader& in_;
  tls::Writer& out_;
};

}  // namespace wardline::interop
