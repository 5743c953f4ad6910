#include "client/attachments/picture.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wardline::client {
namespace {

using namespace std::string_view_literals;

/// Bytes of a file by their place, in whatever order, with little memory.
class FileBytes {
 public:
  explicit FileBytes(std::istream& file) : file_(file) {
    file_.seekg(0, std::ios::end);
    const auto end = file_.tellg();
    if (end > 0) size_ = static_cast<std::uint64_t>(end);
  }
  std::uint64_t size() const { return size_; }
  bool is_readable() const { return !file_.fail(); }

  /// Nothing behind the end.
  std::optional<std::uint8_t> at(std::uint64_t place) {
    if (place >= size_) return std::nullopt;
    if (place < begin_ || place - begin_ >= window_.size()) fill(place);
    if (place - begin_ >= window_.size()) return std::nullopt;
    return static_cast<std::uint8_t>(window_[place - begin_]);
  }
  /// Big-endian, of up to four bytes; those behind the end count as 0.
  std::uint32_t number(std::uint64_t place, int bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | at(place + static_cast<unsigned>(i)).value_or(0);
    return value;
  }
  std::string text(std::uint64_t place, std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i)
      if (const auto byte = at(place + i)) text += static_cast<char>(*byte);
    return text;
  }
  bool says(std::uint64_t place, std::string_view text) { return this->text(place, text.size()) == text; }

 private:
  void fill(std::uint64_t place) {
    constexpr std::size_t kWindow = 64U << 10;
    window_.resize(std::min<std::uint64_t>(kWindow, size_ - place));
    file_.seekg(static_cast<std::streamoff>(place));
    file_.read(window_.data(), static_cast<std::streamsize>(window_.size()));
    window_.resize(static_cast<std::size_t>(file_.gcount()));
    begin_ = place;
  }
  std::istream& file_;
  std::uint64_t size_ = 0;
  std::uint64_t begin_ = 0;
  std::string window_;
};

void keep(std::vector<Portion>& portions, std::uint64_t first, std::uint64_t end) {
  if (first == end) return;
  Portion* const last = portions.empty() ? nullptr : &portions.back();
  if (last && last->instead.empty() && last->first + last->size == first) {
    last->size += end - first;
  } else {
    portions.push_back({first, end - first});
  }
}

// ITU-T T.81 Annex B.
enum Marker : std::uint8_t {
  kSoi = 0xd8,
  kEoi = 0xd9,
  kSos = 0xda,
  kRst0 = 0xd0,
  kRst7 = 0xd7,
  kApp0 = 0xe0,
  kApp1 = 0xe1,
  kApp2 = 0xe2,
  kApp14 = 0xee,
  kApp15 = 0xef,
  kCom = 0xfe,
};

struct Segment {
  std::uint8_t marker = 0;
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

/// How the picture is to be turned (Exif 2.32 §4.6.4), the one thing of its metadata that has to do with it.
std::optional<std::uint8_t> orientation_of(FileBytes& file, const Segment& segment) {
  constexpr std::uint32_t kOrientation = 0x0112;
  if (!file.says(segment.first + 4, "Exif\0\0"sv)) return std::nullopt;
  const std::uint64_t tiff = segment.first + 10;
  const std::uint64_t size = segment.end > tiff ? segment.end - tiff : 0;
  const bool little = file.says(tiff, "II");
  const auto number = [&](std::uint64_t at, int bytes) -> std::optional<std::uint32_t> {
    if (at + static_cast<unsigned>(bytes) > size) return std::nullopt;
    const std::uint32_t value = file.number(tiff + at, bytes);
    if (!little) return value;
    return bytes == 2 ? __builtin_bswap16(static_cast<std::uint16_t>(value)) : __builtin_bswap32(value);
  };
  const auto directory = number(4, 4);
  const auto count = directory ? number(*directory, 2) : std::nullopt;
  for (std::uint32_t i = 0; count && i < *count; ++i) {
    const std::uint64_t entry = std::uint64_t{*directory} + 2 + 12ULL * i;
    const auto tag = number(entry, 2);
    if (!tag) return std::nullopt;
    if (*tag != kOrientation) continue;
    const auto value = number(entry + 8, 2);
    return value && *value >= 1 && *value <= 8 ? std::optional(static_cast<std::uint8_t>(*value))
                                               : std::nullopt;
  }
  return std::nullopt;
}

/// An Exif segment that says this and nothing else: big-endian, one directory with one entry.
std::string orientation_segment(std::uint8_t orientation) {
  std::string segment(
      "\xff\xe1\0\x22"
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"sv);
  segment += static_cast<char>(orientation);
  segment.append(6, '\0');
  return segment;
}

bool is_kept(FileBytes& file, const Segment& segment) {
  if (segment.marker == kCom) return false;
  if (segment.marker < kApp0 || segment.marker > kApp15) return true;
  if (segment.marker == kApp0) return file.says(segment.first + 4, "JFIF\0"sv);
  // The profile and the transform that colours are in; what cameras write beside them is not.
  return (segment.marker == kApp2 && file.says(segment.first + 4, "ICC_PROFILE\0"sv)) ||
         (segment.marker == kApp14 && file.says(segment.first + 4, "Adobe"));
}

/// Where the next marker stands: in between are data, in which 0xff is followed by 0 or by a restart marker.
std::optional<std::uint64_t> end_of_scan(FileBytes& file, std::uint64_t from) {
  for (std::uint64_t at = from; at + 1 < file.size(); ++at) {
    const auto byte = file.at(at);
    if (!byte) return std::nullopt;
    if (*byte != 0xff) continue;
    const auto next = file.at(at + 1);
    if (!next) return std::nullopt;
    if (*next != 0 && *next != 0xff && (*next < kRst0 || *next > kRst7)) return at;
  }
  return std::nullopt;
}

/// Kept of a JPEG: the picture, and what its colours need. The end of the picture is the end of the file.
std::optional<std::vector<Portion>> jpeg_portions(FileBytes& file) {
  std::vector<Portion> portions;
  std::uint8_t orientation = 1;
  for (std::uint64_t at = 2;;) {
    if (file.at(at) != 0xff) return std::nullopt;
    while (file.at(at + 1) == 0xff) ++at;  // Fill bytes.
    const auto marker = file.at(at + 1);
    if (!marker || *marker == kSoi || *marker == 0) return std::nullopt;
    if (*marker == kEoi) {
      keep(portions, at, at + 2);
      break;
    }
    const Segment segment{*marker, at, at + 2 + file.number(at + 2, 2)};
    if (segment.end < at + 4 || segment.end > file.size()) return std::nullopt;
    if (*marker == kApp1) orientation = orientation_of(file, segment).value_or(orientation);
    if (is_kept(file, segment)) keep(portions, at, segment.end);
    at = segment.end;
    if (*marker == kSos) {
      const auto end = end_of_scan(file, at);
      if (!end) return std::nullopt;
      keep(portions, at, *end);
      at = *end;
    }
  }
  std::vector<Portion> all{{0, 2}};
  if (orientation != 1) all.push_back({.instead = orientation_segment(orientation)});
  for (Portion& each : portions) {
    if (each.first == 2 && orientation == 1) {
      all.front().size += each.size;
    } else {
      all.push_back(std::move(each));
    }
  }
  return all;
}

/// PNG (ISO/IEC 15948): what is critical, animation, and what changes how the picture looks.
std::optional<std::vector<Portion>> png_portions(FileBytes& file) {
  constexpr std::array kChunks{"tRNS"sv, "gAMA"sv, "cHRM"sv, "sRGB"sv, "iCCP"sv, "cICP"sv,
                               "sBIT"sv, "bKGD"sv, "pHYs"sv, "acTL"sv, "fcTL"sv, "fdAT"sv};
  std::vector<Portion> portions;
  keep(portions, 0, 8);
  for (std::uint64_t at = 8;;) {
    if (at + 12 > file.size()) return std::nullopt;
    const std::uint64_t end = at + 12 + file.number(at, 4);
    if (end > file.size()) return std::nullopt;
    const std::string type = file.text(at + 4, 4);
    if (type.size() != 4) return std::nullopt;
    const bool is_critical = (static_cast<std::uint8_t>(type[0]) & 0x20) == 0;
    if (is_critical || std::ranges::find(kChunks, type) != kChunks.end()) keep(portions, at, end);
    if (type == "IEND") return portions;
    at = end;
  }
}

}  // namespace

std::optional<std::vector<Portion>> portions_without_metadata(std::istream& file) {
  FileBytes bytes(file);
  std::optional<std::vector<Portion>> portions;
  if (bytes.says(0, "\xff\xd8\xff")) {
    portions = jpeg_portions(bytes);
  } else if (bytes.says(0, "\x89PNG\r\n\x1a\n")) {
    portions = png_portions(bytes);
  } else {
    portions.emplace();
    keep(*portions, 0, bytes.size());
  }
  if (!bytes.is_readable()) return std::nullopt;
  return portions;
}

}  // namespace wardline::client
