// A device log in memory for tests: signs, proves, and can be made to lie.
#pragma once

#include "lib/crypto/random.h"
#include "lib/merkle/hash_tree.h"
#include "lib/transparency/log_view.h"

namespace wardline::transparency {

class MemoryLog {
 public:
  explicit MemoryLog(std::uint8_t seed = 7, std::string name = "log.example/devices")
      : signer(*merkle::NoteSigner::create(std::move(name), merkle::NoteKeyType::ed25519, Bytes(32, seed))) {}

  static IssuedCertificate device(std::uint64_t i) {
    const std::string number = std::to_string(1000000 + i);
    return {"00000000-0000-0000-0000-00000" + number, "11111111-0000-0000-0000-00000" + number,
            to_bytes(as_bytes("certificate " + number))};
  }

  std::uint64_t add(const IssuedCertificate& issued) {
    entries.push_back(encode_entry(issued));
    tree.append(merkle::leaf_hash(as_bytes(entries.back())));
    return entries.size() - 1;
  }
  void grow(std::uint64_t size) {
    while (entries.size() < size) add(device(entries.size()));
  }

  std::string key() const { return signer.verifier().to_text(); }
  std::string checkpoint(std::uint64_t size) {
    return merkle::format_note(
        *merkle::sign_checkpoint({signer.verifier().name(), size, *tree.root_at(size), {}}, signer));
  }
  std::string checkpoint() { return checkpoint(tree.size()); }
  merkle::Proof consistency(std::uint64_t from, std::uint64_t to) {
    return from == 0 || from == to ? merkle::Proof() : *merkle::consistency_proof(tree, from, to);
  }
  merkle::Proof inclusion(std::uint64_t index, std::uint64_t size) {
    return *merkle::inclusion_proof(tree, index, size);
  }
  Outcome<void> teach(LogView& view) {
    return view.learn(checkpoint(), consistency(view.size(), tree.size()));
  }

  merkle::NoteSigner signer;
  merkle::HashTree tree;
  std::vector<std::string> entries;
};

}  // namespace wardline::transparency
