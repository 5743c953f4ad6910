#include "server/storage/rows.h"

#include "server/storage/failure.h"

namespace wardline::storage {

void Rows::append(const Rows& more) {
  if (columns_ == 0) columns_ = more.columns_;
  const std::size_t base = buffer_.size();
  cells_.reserve(cells_.size() + more.cells_.size());
  for (Cell cell : more.cells_) {
    if (cell.kind == Kind::text || cell.kind == Kind::bytes) cell.value.offset += base;
    cells_.push_back(cell);
  }
  wardline::append(buffer_, more.buffer_);
}

Row Rows::operator[](std::size_t index) const {
  if (index >= size()) Row::mismatch("no such row");
  return {*this, index * columns_};
}

void Row::mismatch(const char* what) { throw StorageFailure(StorageFailure::Cause::misuse, what); }

const Rows::Cell& Row::cell(std::size_t column) const {
  if (column >= rows_->columns_) mismatch("no such column");
  return rows_->cells_[first_ + column];
}

bool Row::is_null(std::size_t column) const { return cell(column).kind == Rows::Kind::null; }

std::int64_t Row::integer(std::size_t column) const {
  const Rows::Cell& it = cell(column);
  if (it.kind != Rows::Kind::integer) mismatch("column is not an integer");
  return it.value.integer;
}

double Row::real(std::size_t column) const {
  const Rows::Cell& it = cell(column);
  if (it.kind == Rows::Kind::integer) return static_cast<double>(it.value.integer);
  if (it.kind != Rows::Kind::real) mismatch("column is not a number");
  return it.value.real;
}

ByteView Row::bytes_view(std::size_t column) const {
  const Rows::Cell& it = cell(column);
  if (it.kind != Rows::Kind::bytes) mismatch("column is not a byte string");
  return ByteView(rows_->buffer_).subspan(it.value.offset, it.length);
}

std::string_view Row::text_view(std::size_t column) const {
  const Rows::Cell& it = cell(column);
  if (it.kind != Rows::Kind::text) mismatch("column is not a text");
  return {reinterpret_cast<const char*>(rows_->buffer_.data()) + it.value.offset, it.length};
}

}  // namespace wardline::storage
