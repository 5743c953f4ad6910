// Parameters and columns in PostgreSQL's binary format.
#pragma once

#include <array>
#include <numeric>
#include <span>
#include <vector>

#include <libpq-fe.h>

#include "server/storage/parameter.h"
#include "server/storage/rows.h"

namespace wardline::storage {

/// The object id of a parameter's type (pg_type.dat); 0 lets the server find out.
Oid type_of(const Parameter& parameter);

/// Parameters as PQsendQueryPrepared() takes them. Lives no longer than the parameters.
class EncodedParameters {
 public:
  explicit EncodedParameters(std::span<const Parameter> parameters);
  EncodedParameters(const EncodedParameters&) = delete;
  EncodedParameters& operator=(const EncodedParameters&) = delete;

  int count() const { return static_cast<int>(values_.size()); }
  const char* const* values() const { return values_.data(); }
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }
  /// About as many as they take on the way.
  std::size_t bytes() const { return std::accumulate(lengths_.begin(), lengths_.end(), std::size_t{0}); }

 private:
  void set_number(std::size_t at, std::uint64_t value, int size);

  std::vector<std::array<char, 8>> numbers_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// All rows of an answer in binary format. Throws StorageFailure `misuse` for a type that we do not read:
/// cast it in the statement (`CAST(sum(x) AS BIGINT)`).
Rows rows_of(const PGresult* answer);

}  // namespace wardline::storage
