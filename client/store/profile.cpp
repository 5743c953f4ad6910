#include "client/store/profile.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "client/store/private_file.h"

namespace wardline::client {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kVersion = 1;

struct DeviceFile {
  std::uint8_t version = kVersion;
  DeviceIdentity device;
  WARDLINE_TLS_FIELDS(version, device)
};

}  // namespace

StoreResult<Profile> Profile::open(const fs::path& given) {
  std::error_code error;
  const fs::path folder = fs::absolute(given, error);
  if (error) return std::unexpected(StoreError::disk);
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(StoreError::disk);
  struct stat about{};
  if (::stat(folder.c_str(), &about) != 0 || !S_ISDIR(about.st_mode))
    return std::unexpected(StoreError::disk);
  if ((about.st_mode & 0077) != 0) return std::unexpected(StoreError::too_open);
  const int lock = ::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return std::unexpected(StoreError::disk);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    ::close(lock);
    return std::unexpected(taken ? StoreError::in_use : StoreError::disk);
  }
  return Profile(folder, lock);
}

Profile::Profile(Profile&& other) noexcept
    : folder_(std::move(other.folder_)), lock_(std::exchange(other.lock_, -1)) {}

Profile::~Profile() {
  if (lock_ >= 0) ::close(lock_);
}

StoreResult<DeviceIdentity> Profile::device() const {
  const auto content = read_private_file(folder_ / "device");
  if (!content) return std::unexpected(content.error());
  if (content->empty()) return std::unexpected(StoreError::does_not_open);
  if (content->view().front() > kVersion) return std::unexpected(StoreError::newer_version);
  auto file = tls::decode<DeviceFile>(content->view());
  if (!file) return std::unexpected(StoreError::does_not_open);
  return std::move(file->device);
}

StoreResult<void> Profile::keep_device(const DeviceIdentity& device) {
  tls::Writer out;
  tls::write(out, kVersion);
  tls::write(out, device);
  return replace_private_file(folder_ / "device", out.bytes());
}

std::string Profile::session() const {
  const auto cookie = read_private_file(folder_ / "session");
  return cookie ? as_text(cookie->view()) : std::string();
}

StoreResult<void> Profile::keep_session(const std::string& cookie) {
  return replace_private_file(folder_ / "session", as_bytes(cookie));
}

StoreResult<void> Profile::keep_server_certificate(const fs::path& pem) {
  std::ifstream file(pem);
  if (!file) return std::unexpected(StoreError::absent);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  return replace_private_file(server_certificate(), as_bytes(text));
}

StoreResult<void> Profile::erase() {
  bool gone = true;
  for (const fs::path& file : {state_file(), fs::path(state_file().string() + "-journal"),
                               folder_ / "session", folder_ / "device"}) {
    std::error_code error;
    fs::remove(file, error);
    gone = gone && !error;
  }
  if (!gone) return std::unexpected(StoreError::disk);
  return {};
}

}  // namespace wardline::client
