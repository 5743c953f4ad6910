#include "tests/support/private_postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <libpq-fe.h>

namespace wardline::support {
namespace {

const std::filesystem::path kPrograms = "/usr/lib/postgresql/15/bin";

const passwd* server_account() { return ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr; }

// Output goes to `log`, so that a failure can be shown.
pid_t spawn(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::close_range(3, ~0U, 0);
  PrivatePostgres::become_server_account();
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // A test program that crashes takes its server along.
  ::setsid();
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

void PrivatePostgres::become_server_account() {
  if (const passwd* account = server_account()) {
    if (::setgroups(0, nullptr) != 0 || ::setgid(account->pw_gid) != 0 || ::setuid(account->pw_uid) != 0)
      ::_exit(126);
  }
}

void PrivatePostgres::give_to_server_account(const std::filesystem::path& path) {
  if (const passwd* account = server_account()) {
    if (::chown(path.c_str(), account->pw_uid, account->pw_gid) != 0)
      throw std::runtime_error("chown " + path.string());
  }
}

PrivatePostgres* PrivatePostgres::instance() {
  static const std::unique_ptr<PrivatePostgres> server = [] {
    const bool installed =
        std::filesystem::exists(kPrograms / "initdb") && (::geteuid() != 0 || server_account() != nullptr);
    return std::unique_ptr<PrivatePostgres>(installed ? new PrivatePostgres() : nullptr);
  }();
  return server.get();
}

PrivatePostgres::PrivatePostgres() {
  std::string pattern = (std::filesystem::temp_directory_path() / "wardline-pg-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  directory_ = pattern;
  give_to_server_account(directory_);
  initialise();
  start();
}

void PrivatePostgres::initialise() {
  const pid_t child = spawn({kPrograms / "initdb", "-D", directory_ / "data", "-U", "postgres", "-A", "trust",
                             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                            directory_ / "log");
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed: see " + (directory_ / "log").string());
}

void PrivatePostgres::start() {
  server_ = spawn(
      {kPrograms / "postgres", "-D", directory_ / "data", "-k", directory_, "-c", "listen_addresses=", "-c",
       "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=80", "-c", "shared_buffers=32MB"},
      directory_ / "log");
  for (int attempt = 0; attempt < 1200; ++attempt) {
    if (PQping(conninfo().c_str()) == PQPING_OK) return;
    if (::waitpid(server_, nullptr, WNOHANG) == server_) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  throw std::runtime_error("postgres did not start: see " + (directory_ / "log").string());
}

void PrivatePostgres::stop(int signal) {
  ::kill(server_, signal);
  ::waitpid(server_, nullptr, 0);
}

void PrivatePostgres::crash_and_restart() {
  stop(SIGQUIT);
  start();
}

PrivatePostgres::~PrivatePostgres() {
  stop(SIGQUIT);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string PrivatePostgres::conninfo() const {
  return "user=postgres dbname=postgres host=" + directory_.string();
}

void PrivatePostgres::administer(const std::string& sql) const {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(conninfo().c_str()), &PQfinish);
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQexec(connection.get(), sql.c_str()), &PQclear);
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
}

std::string PrivatePostgres::create_schema() {
  const std::string name = "test" + std::to_string(++schemas_);
  administer("CREATE SCHEMA " + name);
  return conninfo() + " options=-csearch_path=" + name;
}

void PrivatePostgres::drop_schema(const std::string& conninfo) {
  administer("DROP SCHEMA IF EXISTS " + conninfo.substr(conninfo.rfind('=') + 1) + " CASCADE");
}

}  // namespace wardline::support
