// What can go wrong with logs, proofs and notes, and the Result that all of lib/merkle returns.
#pragma once

#include <expected>
#include <string_view>

namespace wardline::merkle {

enum class Error {
  out_of_range,      ///< An index or size that the tree does not have.
  wrong_proof_size,  ///< A proof with more or fewer hashes than the tree's shape asks for.
  root_mismatch,     ///< The proof leads to another root than the one claimed.
  malformed,         ///< Text or bytes that do not follow the format to the letter.
  unavailable,       ///< The reader does not have a tile that is needed.
  bad_key,           ///< A note key that is damaged, or of a type that we do not have.
  unknown_key,       ///< No signature by a key that the caller trusts.
  bad_signature,     ///< A signature that claims to be by a trusted key and is not.
};

/// A short English name, for logs and test output.
std::string_view name_of(Error error);

template <class T>
using Result = std::expected<T, Error>;

}  // namespace wardline::merkle
