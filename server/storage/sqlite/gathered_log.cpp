#include "server/storage/sqlite/gathered_log.h"

#include <new>
#include <vector>

#include <sqlite3.h>

namespace wardline::storage {
namespace {

// SQLite's own layer takes a length modulo 128 kB.
constexpr std::size_t kMostGathered = 120U << 10;

sqlite3_vfs* system_files() { return sqlite3_vfs_find(nullptr); }

// An open log. SQLite gives the memory; that of the system's own file follows.
struct LogFile {
  sqlite3_file file;  // First: what SQLite knows of it.
  std::vector<char> gathered;
  sqlite3_int64 offset;  // Of what is gathered.

  sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  int write_gathered() {
    if (gathered.empty()) return SQLITE_OK;
    const int code =
        system()->pMethods->xWrite(system(), gathered.data(), static_cast<int>(gathered.size()), offset);
    gathered.clear();
    return code;
  }

  int write(const void* data, std::size_t size, sqlite3_int64 at) {
    const bool follows = at == offset + static_cast<sqlite3_int64>(gathered.size());
    if (!follows || gathered.size() + size > kMostGathered) {
      if (const int code = write_gathered(); code != SQLITE_OK) return code;
      if (size > kMostGathered) return system()->pMethods->xWrite(system(), data, static_cast<int>(size), at);
      offset = at;
    }
    const auto* const bytes = static_cast<const char*>(data);
    try {
      gathered.reserve(kMostGathered);
      gathered.insert(gathered.end(), bytes, bytes + size);
    } catch (const std::bad_alloc&) {
      return SQLITE_IOERR_NOMEM;
    }
    return SQLITE_OK;
  }
};

LogFile& log_of(sqlite3_file* file) { return *reinterpret_cast<LogFile*>(file); }

// Everything but writing looks at the file itself, and so comes after what is gathered.
template <auto Call, class... Args>
int after_writing(sqlite3_file* file, Args... args) {
  LogFile& log = log_of(file);
  if (const int code = log.write_gathered(); code != SQLITE_OK) return code;
  return (log.system()->pMethods->*Call)(log.system(), args...);
}

int close(sqlite3_file* file) {
  LogFile& log = log_of(file);
  log.write_gathered();  // Of no commit: those are synced.
  const int code = log.system()->pMethods->xClose(log.system());
  log.~LogFile();
  return code;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = close,
    .xRead = after_writing<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = [](sqlite3_file* file, const void* data, int size,
                 sqlite3_int64 at) { return log_of(file).write(data, static_cast<std::size_t>(size), at); },
    .xTruncate = after_writing<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    .xSync = after_writing<&sqlite3_io_methods::xSync, int>,
    .xFileSize = after_writing<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = after_writing<&sqlite3_io_methods::xLock, int>,
    .xUnlock = after_writing<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = after_writing<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = after_writing<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize =
        [](sqlite3_file* file) {
          sqlite3_file* const system = log_of(file).system();
          return system->pMethods->xSectorSize(system);
        },
    .xDeviceCharacteristics =
        [](sqlite3_file* file) {
          sqlite3_file* const system = log_of(file).system();
          return system->pMethods->xDeviceCharacteristics(system);
        },
    .xShmMap = nullptr,  // From here on: what only a database file is asked for.
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_given) {
  sqlite3_vfs* const system = system_files();
  if ((flags & SQLITE_OPEN_WAL) == 0) return system->xOpen(system, name, file, flags, flags_given);
  auto* const log = new (file) LogFile{};
  const int code = system->xOpen(system, name, log->system(), flags, flags_given);
  if (code == SQLITE_OK) {
    log->file.pMethods = &kMethods;
  } else {
    log->~LogFile();
    file->pMethods = nullptr;  // SQLite then does not close it.
  }
  return code;
}

const char* set_up() {
  // Statistics of memory cost a lock for each allocation, and nobody reads them.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3_initialize();
  static sqlite3_vfs layer = *system_files();
  layer.zName = "wardline";
  layer.pNext = nullptr;
  layer.szOsFile += static_cast<int>(sizeof(LogFile));
  layer.xOpen = open;
  sqlite3_vfs_register(&layer, 0);
  return layer.zName;
}

}  // namespace

const char* gathered_log() {
  static const char* const name = set_up();
  return name;
}

}  // namespace wardline::storage
