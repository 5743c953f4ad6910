#include "server/audit/places.h"

#include <algorithm>

namespace wardline::audit {
namespace {

// Of these we look for rows in every step, of all others when a node begins to write the log and once an
// hour: a transaction that commits so late is one in millions, and each that was rolled back leaves a gap for
// ever.
constexpr std::size_t kGapsKept = 256;
constexpr int kLooksBetweenLoads = 3'600;

Run run_of(const storage::Row& row) {
  return {row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2)};
}

/// The runs that hold the entries from number `first` on, at most `limit` of them: each has one entry at
/// least.
storage::Rows runs_from(storage::ReadTransaction& tx, const Log& log, std::uint64_t first,
                        std::size_t limit) {
  return tx.query(
      "SELECT first_place, first_position, entries FROM audit_places WHERE log_id = $1 AND first_place >= "
      "COALESCE((SELECT MAX(first_place) FROM audit_places WHERE log_id = $1 AND first_place <= $2), 1) "
      "ORDER BY first_place LIMIT $3",
      log.id, first + 1, limit);
}

}  // namespace

void Places::load(storage::ReadTransaction& tx) {
  const storage::Rows last = tx.query(
      "SELECT first_place, first_position, entries FROM audit_places WHERE log_id = $1 "
      "ORDER BY first_place DESC LIMIT 1",
      log_->id);
  last_ = last.empty() ? std::optional<Run>() : run_of(last.front());
  highest_ = tx.query_value<std::int64_t>(
                   "SELECT first_position + entries - 1 FROM audit_places WHERE log_id = $1 "
                   "ORDER BY first_position DESC LIMIT 1",
                   log_->id)
                 .value_or(0);
  gaps_.clear();
  for (const storage::Row row :
       tx.query("SELECT before, first_position - 1 FROM (SELECT first_position, "
                "COALESCE(LAG(first_position + entries) OVER (ORDER BY first_position), 1) AS before "
                "FROM audit_places WHERE log_id = $1) AS runs WHERE before < first_position ORDER BY before",
                log_->id))
    gaps_.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1)});
}

std::vector<Run> Places::waiting(storage::ReadTransaction& tx, std::size_t limit) {
  if (looks_left_ == 0) {
    load(tx);
    looks_left_ = kLooksBetweenLoads;
  }
  --looks_left_;
  return runs_of(waiting_positions(tx, limit));
}

std::vector<std::int64_t> Places::waiting_positions(storage::ReadTransaction& tx, std::size_t limit) const {
  std::vector<storage::ParameterRow> ranges;
  ranges.reserve(gaps_.size() + 1);
  for (const Gap& gap : gaps_) ranges.push_back({gap.first, gap.last, limit});
  ranges.push_back({highest_ + 1, kNoEnd, limit});
  std::vector<std::int64_t> positions;
  for (const storage::Row row : tx.query_many(log_->positions, ranges)) {
    if (positions.size() == limit) break;
    positions.push_back(row.get<std::int64_t>(0));
  }
  return positions;
}

std::vector<Run> Places::runs_of(std::span<const std::int64_t> positions) const {
  std::vector<Run> runs;
  std::int64_t place = last_ ? last_->first_place + last_->entries : 1;
  for (const std::int64_t position : positions) {
    if (runs.empty() || runs.back().end_position() != position) runs.push_back({place, position, 0});
    ++runs.back().entries;
    ++place;
  }
  return runs;
}

core::Result<void> Places::write(storage::Transaction& tx, std::span<const Run> runs) const {
  if (!runs.empty() && last_ && last_->end_position() == runs.front().first_position) {
    const std::int64_t grown = tx.execute(
        "UPDATE audit_places SET entries = $4 WHERE log_id = $1 AND first_place = $2 AND entries = $3",
        log_->id, last_->first_place, last_->entries, last_->entries + runs.front().entries);
    if (grown != 1) {
      return core::fail(core::ErrorKind::conflict, "audit-log-moved-on",
                        "Another node has continued the log.");
    }
    runs = runs.subspan(1);
  }
  std::vector<storage::ParameterRow> rows;
  rows.reserve(runs.size());
  for (const Run& run : runs) rows.push_back({log_->id, run.first_place, run.first_position, run.entries});
  tx.execute_many(
      "INSERT INTO audit_places (log_id, first_place, first_position, entries) VALUES ($1, $2, $3, $4)",
      rows);
  return {};
}

void Places::placed(std::span<const Run> runs) {
  for (const Run& run : runs) {
    if (run.first_position > highest_) {
      if (run.first_position > highest_ + 1) gaps_.push_back({highest_ + 1, run.first_position - 1});
      highest_ = run.end_position() - 1;
    } else {
      cut_out(run);
    }
    if (last_ && last_->end_position() == run.first_position) {
      last_->entries += run.entries;
    } else {
      last_ = run;
    }
  }
  if (gaps_.size() > kGapsKept) gaps_.erase(gaps_.begin(), gaps_.end() - kGapsKept);
}

void Places::cut_out(const Run& run) {
  const auto gap = std::ranges::find_if(gaps_, [&](const Gap& one) {
    return one.first <= run.first_position && run.first_position <= one.last;
  });
  if (gap == gaps_.end()) return;
  const Gap behind{run.end_position(), gap->last};
  gap->last = run.first_position - 1;
  const auto next = gap->first > gap->last ? gaps_.erase(gap) : gap + 1;
  if (behind.first <= behind.last) gaps_.insert(next, behind);
}

core::Result<std::vector<std::string>> placed_entries(storage::ReadTransaction& tx, const Log& log,
                                                      std::uint64_t first, std::size_t limit) {
  std::vector<storage::ParameterRow> ranges;
  std::vector<std::int64_t> expected;
  for (const storage::Row row : runs_from(tx, log, first, limit)) {
    const Run run = run_of(row);
    const std::int64_t skipped =
        std::max<std::int64_t>(0, static_cast<std::int64_t>(first) + 1 - run.first_place);
    const std::int64_t taken =
        std::min(run.entries - skipped, static_cast<std::int64_t>(limit - expected.size()));
    if (taken <= 0) break;  // There are enough, or the log ends before.
    const std::int64_t from = run.first_position + skipped;
    ranges.push_back({from, from + taken - 1, taken});
    for (std::int64_t i = 0; i < taken; ++i) expected.push_back(from + i);
  }
  std::vector<std::string> entries;
  entries.reserve(expected.size());
  const storage::Rows rows = tx.query_many(log.entries, ranges);
  for (const storage::Row row : rows) {
    if (row.get<std::int64_t>(0) != expected[entries.size()]) break;
    entries.push_back(row.get<std::string>(1));
  }
  if (entries.size() != expected.size()) return rows_missing(first + entries.size());
  return entries;
}

}  // namespace wardline::audit
