#include "server/storage/postgres/postgres_values.h"

#include <bit>

#include "server/storage/failure.h"

namespace wardline::storage {
namespace {

// Object ids of pg_type.dat: fixed for ever.
enum : Oid {
  kBool = 16,
  kBytea = 17,
  kName = 19,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kText = 25,
  kFloat8 = 701,
  kVarchar = 1043,
  kVoid = 2278,
};

std::uint64_t from_big_endian(ByteView data) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : data) value = value << 8 | byte;
  return value;
}

void add_cell(Oid type, ByteView data, Rows& rows) {
  switch (type) {
    case kBool:
      return rows.add_integer(data[0]);
    case kInt2:
      return rows.add_integer(static_cast<std::int16_t>(from_big_endian(data)));
    case kInt4:
      return rows.add_integer(static_cast<std::int32_t>(from_big_endian(data)));
    case kInt8:
      return rows.add_integer(static_cast<std::int64_t>(from_big_endian(data)));
    case kFloat8:
      return rows.add_real(std::bit_cast<double>(from_big_endian(data)));
    case kText:
    case kVarchar:
    case kName:
      return rows.add_text(data);
    case kBytea:
      return rows.add_bytes(data);
    case kVoid:
      return rows.add_null();
    default:
      throw StorageFailure(StorageFailure::Cause::misuse,
                           "no reader for column type " + std::to_string(type) + ": CAST it");
  }
}

}  // namespace

Oid type_of(const Parameter& parameter) {
  switch (parameter.type()) {
    case Parameter::Type::boolean:
      return kBool;
    case Parameter::Type::integer:
      return kInt8;
    case Parameter::Type::real:
      return kFloat8;
    case Parameter::Type::text:
      return kText;
    case Parameter::Type::bytes:
      return kBytea;
    case Parameter::Type::unknown:
      break;
  }
  return 0;
}

EncodedParameters::EncodedParameters(std::span<const Parameter> parameters)
    : numbers_(parameters.size()),
      values_(parameters.size(), nullptr),
      lengths_(parameters.size(), 0),
      formats_(parameters.size(), 1) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    if (parameter.is_null()) continue;
    switch (parameter.type()) {
      case Parameter::Type::boolean:
        set_number(i, parameter.boolean() ? 1 : 0, 1);
        break;
      case Parameter::Type::integer:
        set_number(i, static_cast<std::uint64_t>(parameter.integer()), 8);
        break;
      case Parameter::Type::real:
        set_number(i, std::bit_cast<std::uint64_t>(parameter.real()), 8);
        break;
      case Parameter::Type::text:
        check_text(parameter.view());
        [[fallthrough]];
      case Parameter::Type::bytes: {
        const ByteView view = parameter.view();
        // An empty view may have no address, which libpq would take for NULL.
        values_[i] = view.empty() ? "" : reinterpret_cast<const char*>(view.data());
        lengths_[i] = static_cast<int>(view.size());
        break;
      }
      case Parameter::Type::unknown:
        break;
    }
  }
}

void EncodedParameters::set_number(std::size_t at, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) {
    numbers_[at][static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * (size - 1 - i)));
  }
  values_[at] = numbers_[at].data();
  lengths_[at] = size;
}

Rows rows_of(const PGresult* answer) {
  const int columns = PQnfields(answer);
  Rows rows(static_cast<std::size_t>(columns));
  for (int row = 0; row < PQntuples(answer); ++row) {
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(answer, row, column) != 0) {
        rows.add_null();
        continue;
      }
      const auto* data = reinterpret_cast<const std::uint8_t*>(PQgetvalue(answer, row, column));
      add_cell(PQftype(answer, column),
               ByteView(data, static_cast<std::size_t>(PQgetlength(answer, row, column))), rows);
    }
  }
  return rows;
}

}  // namespace wardline::storage
