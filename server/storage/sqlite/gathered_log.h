// SQLite's way to its files, with one difference: what a commit writes into the write-ahead log is gathered
// and written in few pieces, where SQLite itself asks for two system calls for each page.
#pragma once

namespace wardline::storage {

/// Sets SQLite up for this process, once, and gives the name of the file layer (`sqlite3_vfs`) to open
/// databases with.
///
/// It relies on `synchronous = FULL`: then SQLite syncs the log before it shows a commit to other
/// connections, and all that was gathered is written before that sync. A write that fails is told by the
/// sync, which fails the commit.
const char* gathered_log();

}  // namespace wardline::storage
