// A device's view of the device log, told anything by a server that may hold the log's key (lib/transparency,
// ENC-8): what is refused has changed nothing, and a view never follows two histories.
#include <array>

#include "lib/transparency/memory_log_test.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace transparency;

constexpr std::uint64_t kCommon = 20;
constexpr std::uint64_t kEntries = 48;

/// One history of the log, with every checkpoint that the server could have signed in it.
struct History {
  explicit History(std::uint64_t first_of_its_own) {
    log.grow(kCommon);
    for (std::uint64_t i = kCommon; i < kEntries; ++i) log.add(MemoryLog::device(first_of_its_own + i));
    for (std::uint64_t size = 0; size <= kEntries; ++size) checkpoints.push_back(log.checkpoint(size));
  }
  IssuedCertificate device(std::uint64_t index) const { return *parse_entry(log.entries.at(index)); }

  MemoryLog log;
  std::vector<std::string> checkpoints;
};

/// Two histories under one key, which differ from entry `kCommon` on.
std::array<History, 2>& histories() {
  static std::array<History, 2> both{History(0), History(1000)};
  return both;
}

void check_entry(std::string_view text) {
  if (const auto issued = parse_entry(text))
    FUZZ_CHECK(encode_entry(*issued) == text, "an entry has one form");
}

/// Whether they are a view at all.
bool check_state(ByteView bytes) {
  const auto view = LogView::open(bytes);
  if (!view) return false;
  const auto again = LogView::open(view->state());
  FUZZ_CHECK(again && again->state() == view->state(), "what was kept is opened as it was");
  return true;
}

class Device {
 public:
  explicit Device(Input& input) : input_(input) {}

  void step() {
    const Bytes before = view_.state();
    const bool accepted = call();
    FUZZ_CHECK(accepted || view_.state() == before, "what is refused has changed nothing");
  }
  void keep() const { FUZZ_CHECK(check_state(view_.state()), "a view can be kept"); }

 private:
  bool call() {
    switch (input_.below(5)) {
      case 0:
        return prove();
      case 1:
        return read();
      case 2:
        return compare();
      default:
        return learn();
    }
  }

  History& some_history() { return histories()[input_.below(2)]; }
  std::uint64_t some_size() { return input_.below(kEntries + 1); }

  merkle::Proof altered(merkle::Proof proof) {
    if (input_.below(4) != 0) return proof;
    Bytes bytes;
    for (const auto& each : proof) append(bytes, each);
    bytes = damaged(std::move(bytes), {}, input_);
    proof.resize(bytes.size() / merkle::Hash().size());
    for (std::size_t i = 0; i < proof.size(); ++i)
      std::ranges::copy(ByteView(bytes).subspan(i * proof[i].size(), proof[i].size()), proof[i].begin());
    return proof;
  }
  std::string altered(const std::string& text) {
    return input_.below(4) == 0 ? as_text(damaged(to_bytes(as_bytes(text)), {}, input_)) : text;
  }

  /// Whether a checkpoint of that history and size can be told to whoever has seen what this view has.
  bool continues(const History& history, std::uint64_t size) const {
    const std::uint64_t smaller = std::min(size, view_.size());
    return smaller <= kCommon || history_ == &history;
  }

  bool learn() {
    History& history = some_history();
    const std::uint64_t size = some_size();
    const std::string checkpoint = altered(history.checkpoints[size]);
    const merkle::Proof proof =
        altered(view_.size() < size ? history.log.consistency(view_.size(), size) : merkle::Proof());
    const std::uint64_t had = view_.size();
    const bool may = size >= had && continues(history, size);
    const bool learned = view_.learn(checkpoint, proof).has_value();
    if (!learned) return false;
    FUZZ_CHECK(may && view_.size() == size, "a view goes on in one history, and never back");
    if (size > kCommon) history_ = &history;
    return true;
  }

  bool prove() {
    History& history = some_history();
    const std::uint64_t index = input_.below(kEntries), claimed = input_.flag() ? index : some_size();
    IssuedCertificate issued = history.device(index);
    if (input_.below(4) == 0) issued.certificate = damaged(issued.certificate, {}, input_);
    const std::uint64_t size = view_.size();
    const merkle::Proof proof = altered(index < size ? history.log.inclusion(index, size) : merkle::Proof());
    if (!view_.prove(issued, claimed, proof)) return false;
    const History& seen = history_ ? *history_ : histories()[0];
    FUZZ_CHECK(claimed < size && encode_entry(issued) == seen.log.entries[claimed],
               "only what is in the log that was seen, in its place, is proven");
    FUZZ_CHECK(view_.is_logged(hash_of_certificate(issued.certificate)), "what is proven is remembered");
    return true;
  }

  bool read() {
    const auto range = view_.unread();
    if (!range) return false;
    FUZZ_CHECK(range->first < range->last && range->last <= view_.size() &&
                   merkle::is_subtree(range->first, range->last),
               "what is to be read is a part of the log");
    History& history = some_history();
    std::vector<std::string> entries(history.log.entries.begin() + static_cast<std::ptrdiff_t>(range->first),
                                     history.log.entries.begin() + static_cast<std::ptrdiff_t>(range->last));
    if (input_.below(4) == 0) {
      std::string& one = entries[input_.below(entries.size())];
      one = altered(one);
    }
    const merkle::Proof proof = altered(
        *merkle::subtree_consistency_proof(history.log.tree, range->first, range->last, view_.size()));
    if (!view_.read(entries, proof)) return false;
    const History& seen = history_ ? *history_ : histories()[0];
    FUZZ_CHECK(std::ranges::equal(entries, std::span(seen.log.entries).subspan(range->first, entries.size())),
               "what is read is what the log holds");
    return true;
  }

  bool compare() {
    History& history = some_history();
    const std::uint64_t size = some_size();
    const std::string checkpoint = altered(history.checkpoints[size]);
    const merkle::Proof proof =
        altered(size < view_.size() ? histories()[input_.below(2)].log.consistency(size, view_.size())
                                    : merkle::Proof());
    if (view_.compare(checkpoint, proof))
      FUZZ_CHECK(size <= view_.size() && continues(history, size), "two histories are never taken for one");
    return false;  // Comparing is not to change anything, whatever comes of it.
  }

  Input& input_;
  LogView view_ = LogView::create(histories()[0].log.key()).value();
  const History* history_ = nullptr;  ///< The one that the view has seen a part of that is its own.
};

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  using namespace wardline::fuzz;
  Input input(data, size);
  switch (input.byte()) {
    case 0:
      check_state(input.rest());
      break;
    case '{':
      check_entry(as_text(ByteView(data, size)));
      break;
    default: {
      Device device(input);
      for (int steps = 0; steps < 24 && !input.at_end(); ++steps) device.step();
      device.keep();
    }
  }
  return 0;
}
