// An audit log whose files somebody alters: the auditor's verifier always notices (lib/auditlog).
#include "lib/auditlog/memory_log_test.h"
#include "lib/auditlog/receipt.h"
#include "tests/fuzz/input.h"

namespace wardline::fuzz {
namespace {

using namespace auditlog;

MemoryLog& whole_log() {
  static MemoryLog log({3, 200, 300});
  return log;
}

/// The log with some of its files altered.
class AlteredLog final : public LogFiles {
 public:
  explicit AlteredLog(Input& input) : files(whole_log().files) {
    for (std::size_t times = input.below(3) + 1; times > 0; --times) alter(input);
  }

  std::expected<Bytes, ReadError> read(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return std::unexpected(ReadError::absent);
    return found->second;
  }
  std::expected<std::vector<std::string>, ReadError> list() override {
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files) paths.push_back(path);
    return paths;
  }

  std::map<std::string, Bytes> files;

 private:
  void alter(Input& input) {
    if (files.empty()) return;
    const auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(input.below(files.size())));
    const auto other = std::next(files.begin(), static_cast<std::ptrdiff_t>(input.below(files.size())));
    switch (input.below(8)) {
      case 0:
        files.erase(file);
        break;
      case 1:
        files[as_text(input.take(input.below(32)))] = to_bytes(input.bytes());
        break;
      case 2:
        std::swap(file->second, other->second);
        break;
      case 3:
        file->second = to_bytes(input.bytes());
        break;
      default:
        file->second = damaged(file->second, other->second, input);
    }
  }
};

}  // namespace
}  // namespace wardline::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  using namespace wardline::fuzz;
  using namespace wardline::auditlog;
  Input input(data, size);
  const bool receipt = input.flag();
  const Trust trust = whole_log().trust();
  if (receipt) {
    static const std::string genuine = make_receipt(whole_log(), trust, 7).value();
    const Bytes altered = damaged(to_bytes(as_bytes(genuine)), {}, input);
    const auto verified = verify_receipt(as_text(altered), trust);
    FUZZ_CHECK(!verified || verified->text == MemoryLog::entry(7), "a receipt proves no other entry");
    static_cast<void>(verify_receipt(as_text(input.rest()), trust));
    return 0;
  }
  AlteredLog log(input);
  const Report report = verify_log(log, {trust});
  // The copies of tiles from when the log was smaller may be deleted (C2SP tlog-tiles).
  auto expected = whole_log().files;
  std::erase_if(expected, [&](const auto& file) {
    const bool spare =
        file.first.find("000.p/3") != std::string::npos || file.first.find("000.p/200") != std::string::npos;
    return spare && !log.files.contains(file.first);
  });
  FUZZ_CHECK(report.is_whole() == (log.files == expected),
             "any alteration of the log is noticed, and nothing else");
  for (const Finding& finding : report.findings) static_cast<void>(to_text(finding));
  if (const auto made = make_receipt(log, trust, 7)) {
    const auto verified = verify_receipt(*made, trust);
    FUZZ_CHECK(!verified || verified->text == MemoryLog::entry(7),
               "an altered log gives no receipt for another entry");
  }
  static_cast<void>(find_entry(log, trust, MemoryLog::id(5)));
  return 0;
}
