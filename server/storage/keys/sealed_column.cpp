#include "server/storage/keys/sealed_column.h"

namespace wardline::storage {
namespace {

constexpr std::size_t kBlindIndexSize = 16;

// A length before each part: "ab","c" and "a","bc" differ.
void append_part(Bytes& to, ByteView part) {
  for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(part.size() >> shift));
  append(to, part);
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string folded(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char c : text) {
    if (is_space(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string normalised(std::string_view text, Normalise how) {
  switch (how) {
    case Normalise::exact:
      return std::string(text);
    case Normalise::folded:
      return folded(text);
    case Normalise::digits: {
      std::string digits;
      std::ranges::copy_if(text, std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
      return digits;
    }
  }
  return std::string(text);
}

}  // namespace

Bytes SealedColumn::place(ByteView row) const {
  Bytes place;
  place.reserve(12 + table_.view().size() + column_.view().size() + row.size());
  append_part(place, as_bytes(table_.view()));
  append_part(place, as_bytes(column_.view()));
  append_part(place, row);
  return place;
}

Sealed SealedColumn::seal(Transaction& tx, ByteView scope, ByteView row, ByteView plaintext) const {
  return Sealed::from_stored(keys_.sealing_key(tx, purpose_, scope)->seal(place(row), plaintext));
}

core::Result<Unsealed> SealedColumn::open(ReadTransaction& tx, ByteView row, const Sealed& sealed) const {
  const auto id = DataKey::id_of(sealed.stored());
  if (!id) {
    return core::fail(core::ErrorKind::internal, "sealed-value-damaged",
                      "A stored value is not a sealed value.");
  }
  const auto key = keys_.opening_key(tx, *id);
  if (key == nullptr) {
    return core::fail(core::ErrorKind::not_found, "shredded",
                      "The key of this value was destroyed: it is deleted.");
  }
  auto opened = key->open(place(row), sealed.stored());
  if (!opened) return std::unexpected(opened.error());
  return Unsealed(std::move(*opened));
}

bool SealedColumn::is_stale(ReadTransaction& tx, ByteView scope, const Sealed& sealed) const {
  const auto current = keys_.find_sealing_key(tx, purpose_, scope);
  return current == nullptr || DataKey::id_of(sealed.stored()) != current->id();
}

Bytes BlindIndex::hash(const DataKey& key, std::string_view text) const {
  std::string label = "blind index ";
  label.append(table_.view()).append(".").append(column_.view());
  Bytes value = key.keyed_hash(label, as_bytes(normalised(text, normalise_)));
  value.resize(kBlindIndexSize);
  return value;
}

Bytes BlindIndex::value(Transaction& tx, ByteView scope, std::string_view text) const {
  return hash(*keys_.sealing_key(tx, purpose_, scope), text);
}

std::optional<Bytes> BlindIndex::find(ReadTransaction& tx, ByteView scope, std::string_view text) const {
  const auto key = keys_.find_sealing_key(tx, purpose_, scope);
  if (key == nullptr) return std::nullopt;
  return hash(*key, text);
}

}  // namespace wardline::storage
