// Takes out of a photo what it says beside the picture: where, when, with what, by whom (DLP-2). Losslessly:
// the picture's own bytes are not touched. JPEG and PNG; other files go through as they are. The browser does
// the same in web/packages/messaging/src/strip_metadata.ts, and both are tested with the same cases.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace wardline::client {

/// A part of what is sent of a file: bytes of it, or others that are put there.
struct Portion {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
  std::string instead = {};
};

/// What is sent of a file, in order; of one that is no photo, all. Nothing for a photo that cannot be
/// followed to its end, so that nobody knows what it still says, and for a file that cannot be read: neither
/// is sent.
std::optional<std::vector<Portion>> portions_without_metadata(std::istream& file);

}  // namespace wardline::client
