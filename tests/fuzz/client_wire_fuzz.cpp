// What a server sends to a program (client/net): frames mean the same however the stream is cut and are
// within the bounds, and of an answer nothing is taken that is not as it should be.
#include "client/net/json_call.h"
#include "client/net/socket_frames.h"
#include "lib/bytes/text.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace client;

constexpr std::size_t kMost = 4096;

struct Recorder final : FrameEvents {
  std::string said;
  void on_text_message(std::string_view text) override {
    FUZZ_CHECK(text.size() <= kMost, "no message is larger than the limit");
    note('t', text);
  }
  void on_ping(std::string_view data) override {
    FUZZ_CHECK(data.size() <= 125, "what is sent back for a ping is short");
    note('p', data);
  }
  void on_close_frame() override { note('c', {}); }
  void note(char kind, std::string_view data) {
    said += kind + std::to_string(data.size()) + ":" + std::string(data) + "\n";
  }
};

std::string read_frames(std::string_view stream, ByteView cuts) {
  FrameReader reader(kMost);
  Recorder recorder;
  for (std::size_t cut = 0; !stream.empty(); ++cut) {
    const std::size_t size =
        std::min<std::size_t>(cut < cuts.size() ? cuts[cut] + 1 : stream.size(), stream.size());
    if (!reader.feed(stream.substr(0, size), recorder)) return recorder.said + "broken";
    stream.remove_prefix(size);
  }
  return recorder.said;
}

/// Every kind of field, by a fixed shape.
void read_answer(std::string_view text) {
  const auto answer = Answer::parse(text);
  if (!answer) return;
  std::vector<std::string> ids;
  std::optional<std::uint64_t> number;
  const auto read = answer->read([&](Fields f) {
    ids = f.ids("user_ids");
    for (const Fields& each : f.objects("entries")) {
      ids.push_back(each.id("conversation_id"));
      static_cast<void>(each.number("sequence") + each.binary("body").size() +
                        each.object("sender").id("user_id").size());
    }
    if (const auto id = f.optional_id("patient_id")) ids.push_back(*id);
    number = f.optional_number("after");
    const std::size_t choice = f.choice("kind", {"direct", "group"});
    static_cast<void>(f.optional_text("title").has_value() && f.truth("closed") &&
                      f.binaries("keys").empty() && f.texts("words").empty());
    return choice;
  });
  if (!read) return;
  FUZZ_CHECK(*read < 2, "a choice is one of its words");
  FUZZ_CHECK(std::ranges::all_of(ids, [](const auto& id) { return is_uuid(id); }),
             "an id may be put into a path");
}

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  fuzz::Input input(data, size);
  if (size != 0 && *data == '{') {
    fuzz::read_answer(as_text(input.rest()));
    return 0;
  }
  const ByteView cuts = input.take(input.below(32));
  const std::string stream = as_text(input.rest());
  FUZZ_CHECK(fuzz::read_frames(stream, cuts) == fuzz::read_frames(stream, {}),
             "the reader says the same however the stream is cut");
  return 0;
}
