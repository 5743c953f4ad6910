#include "lib/auditlog/finding.h"

namespace wardline::auditlog {

std::string to_text(const Finding& finding) {
  std::string text;
  if (finding.entry) {
    text = "entry " + std::to_string(*finding.entry);
    if (!finding.entry_id.empty()) text += " (id " + finding.entry_id + ")";
    if (!finding.path.empty()) text += " in " + finding.path;
  } else {
    text = finding.path;
    if (finding.line) text += " line " + std::to_string(*finding.line);
  }
  return text + ": " + finding.problem;
}

}  // namespace wardline::auditlog
