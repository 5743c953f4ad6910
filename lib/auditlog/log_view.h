// A log as its files say it is, although some of them may be on their way: moved by a server that runs, or
// left between two places by one that was killed.
#pragma once

#include "lib/auditlog/files.h"

namespace wardline::auditlog {

class LogView final : public LogFiles {
 public:
  explicit LogView(LogFiles& files) : files_(files) {}

  /// From now on a file that is not in its place is looked for in staging/: the caller has seen the signed
  /// checkpoint there.
  void include_staged() { staged_ = true; }

  /// A partial tile that is gone is read from the full one that replaced it (C2SP tlog-tiles).
  std::expected<Bytes, ReadError> read(const std::string& path) override;
  std::expected<std::vector<std::string>, ReadError> list() override { return files_.list(); }

 private:
  std::expected<Bytes, ReadError> read_in_place_or_staged(const std::string& path);

  LogFiles& files_;
  bool staged_ = false;
};

}  // namespace wardline::auditlog
