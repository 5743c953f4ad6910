// A PostgreSQL server of the test program's own: started when first needed, on a socket in a fresh directory,
// gone at exit.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

namespace wardline::support {

/// From Debian's postgresql-15, without durability, since tests kill clients and not the machine. As root it
/// runs as the user `postgres`.
class PrivatePostgres {
 public:
  /// The one server of this program, started by the first call. nullptr where PostgreSQL is not installed,
  /// which tests say and skip. Throws std::runtime_error if it is and does not start.
  static PrivatePostgres* instance();

  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  /// An empty schema with a fresh name, which is as good as a database to the code under test and made in a
  /// millisecond; the libpq connection string that leads into it.
  std::string create_schema();
  /// Drops it with all that is in it.
  void drop_schema(const std::string& conninfo);
  /// Runs SQL as superuser outside of any transaction. Throws std::runtime_error.
  void administer(const std::string& sql) const;

  /// Ends all backends as a crash does, and starts again on the same data.
  void crash_and_restart();
  /// A directory that the server may write to, e.g. for a tablespace.
  const std::filesystem::path& directory() const { return directory_; }
  /// The account it runs as; no change if the program is not root.
  static void become_server_account();
  /// Gives a directory to that account.
  static void give_to_server_account(const std::filesystem::path& path);

 private:
  PrivatePostgres();
  void initialise();
  void start();
  void stop(int signal);
  std::string conninfo() const;

  std::filesystem::path directory_;
  pid_t server_ = -1;
  int schemas_ = 0;
};

}  // namespace wardline::support
