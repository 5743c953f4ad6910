// What travels inside messages, from members who may send anything (lib/content): what is read has one
// spelling and is within the bounds, and the names of files cannot mislead.
#include "lib/content/content.h"
#include "lib/content/utf8.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace content;

void check_bytes(ByteView bytes) {
  if (const auto value = from_canonical_json(bytes)) {
    FUZZ_CHECK(to_canonical_json(*value) == as_text(bytes), "a value has one spelling");
    FUZZ_CHECK(is_utf8(bytes), "what is read is UTF-8");
  }
  const auto read = decode(bytes);
  if (!read) return;
  const auto written = encode(*read);
  FUZZ_CHECK(written && equal(*written, bytes), "a message has one spelling");
  FUZZ_CHECK(are_within_bounds(read->attachments), "the files of a message are within the bounds");
}

void check_name(std::string_view offered) {
  const std::string name = name_for(offered);
  FUZZ_CHECK(name_for(name) == name, "a name that may travel stays as it is");
  const Attachment file{.id = "018f0000-0000-7000-8000-000000000000", .name = name, .type = "text/plain"};
  FUZZ_CHECK(are_within_bounds({file}), "every name can be made one that may travel");
}

/// A message of the input's words: what can be sent can be read.
void check_message(Input& input) {
  Content message{.kind = static_cast<Kind>(input.below(3)), .text = as_text(input.bytes())};
  if (input.flag()) message.title = as_text(input.bytes());
  if (input.flag()) message.device_log = as_text(input.bytes());
  message.sent_at = static_cast<std::int64_t>(input.word()) << input.below(48);
  for (std::size_t files = input.below(kMostAttachments + 2); files > 0; --files) {
    Attachment file{.id = "018f0000-0000-7000-8000-0000000000" + std::to_string(10 + input.below(90)),
                    .name = as_text(input.take(input.below(300))),
                    .type = as_text(input.take(input.below(20)))};
    if (input.flag()) file.name = name_for(file.name);
    if (input.flag()) file.type = "image/png";
    message.attachments.push_back(std::move(file));
  }
  const auto written = encode(message);
  if (!written) return;
  const auto read = decode(*written);
  FUZZ_CHECK(read && *read == message, "what was written is read as it was meant");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::Input input(data, size);
  switch (input.byte()) {
    case 0:
      fuzz::check_message(input);
      break;
    case 1:
      fuzz::check_name(as_text(input.rest()));
      break;
    default:
      fuzz::check_bytes(ByteView(data, size));
  }
  return 0;
}
