#include "lib/tls_codec/codec.h"

namespace wardline::tls {

std::string_view name_of(Error error) {
  switch (error) {
    case Error::truncated:
      return "truncated";
    case Error::trailing_bytes:
      return "trailing bytes";
    case Error::non_minimal_length:
      return "length not in its shortest form";
    case Error::invalid_value:
      return "invalid value";
    case Error::too_large:
      return "too large";
    case Error::too_deep:
      return "nested too deeply";
  }
  return "unknown";
}

void Writer::uint(std::uint64_t value, int width) {
  std::array<std::uint8_t, sizeof value> big_endian{};
  for (std::size_t i = big_endian.size(); i-- > 0; value >>= 8)
    big_endian[i] = static_cast<std::uint8_t>(value);
  raw(ByteView(big_endian).last(static_cast<std::size_t>(width)));
}

// Most messages fit after growing once or twice, and what is kept for long wastes little.
void Writer::grow(std::size_t more) {
  const std::size_t factor = out_.capacity() < 4096 ? 4 : 2;
  Bytes bigger;
  bigger.reserve(std::max({std::size_t{256}, out_.size() + more, factor * out_.capacity()}));
  append(bigger, out_);
  wipe(out_);
  out_ = std::move(bigger);
}

// RFC 9420 §2.1.2: the two top bits give the width of the header: 1, 2 or 4 bytes.
void Writer::length(std::size_t length) {
  if (length < (1u << 6)) {
    uint(length, 1);
  } else if (length < (1u << 14)) {
    uint(length | 0x4000u, 2);
  } else {
    // A value beyond 2^30-1 cannot be spelled; whoever builds one has a bug, and no peer would read it.
    uint((length & kLargestLength) | 0x80000000u, 4);
  }
}

// Moving once is cheaper than a buffer of its own for each vector, which would be copied and wiped.
void Writer::put_length_before(std::size_t start) {
  const std::size_t end = out_.size();
  length(end - start);  // Behind its content, to learn how wide it is.
  const std::size_t width = out_.size() - end;
  std::array<std::uint8_t, 4> header{};
  std::copy_n(out_.data() + end, width, header.data());
  std::copy_backward(out_.data() + start, out_.data() + end, out_.data() + out_.size());
  std::copy_n(header.data(), width, out_.data() + start);
}

ByteView Reader::raw(std::size_t size) {
  if (size > rest_.size()) {
    fail(Error::truncated);
    return {};
  }
  const ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

std::uint64_t Reader::uint(int width) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : raw(static_cast<std::size_t>(width))) value = value << 8 | byte;
  return value;
}

// RFC 9420 §2.1.2: lengths use the shortest form; the prefix 0b11 is invalid.
std::size_t Reader::length() {
  const std::uint64_t first = uint(1);
  switch (first >> 6) {
    case 0:
      return first;
    case 1: {
      const std::uint64_t value = (first & 0x3f) << 8 | uint(1);
      if (ok() && value < (1u << 6)) fail(Error::non_minimal_length);
      return ok() ? value : 0;
    }
    case 2: {
      const std::uint64_t value = (first & 0x3f) << 24 | uint(3);
      if (ok() && value < (1u << 14)) fail(Error::non_minimal_length);
      return ok() ? value : 0;
    }
    default:
      fail(Error::non_minimal_length);
      return 0;
  }
}

}  // namespace wardline::tls
