#include "lib/disk/durable_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace wardline::disk {
namespace {

namespace fs = std::filesystem;

/// A disk that takes no more than so many bytes of one file, as long as this lives.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, signal_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit before_{};
  sighandler_t signal_;
};

class DurableFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wardline-disk-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { fs::remove_all(root_); }

  static std::string content(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  static mode_t mode(const fs::path& path) {
    struct stat info{};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777 : 0;
  }

  fs::path root_;
};

TEST_F(DurableFile, ANewFileHasItsContentAndItsModeWhateverTheUmask) {
  const mode_t umask = ::umask(0);
  EXPECT_TRUE(write_new(root_ / "a", as_bytes("words"), 0600));
  ::umask(0777);
  EXPECT_TRUE(write_new(root_ / "b", {}, 0640));
  ::umask(umask);
  EXPECT_EQ(content(root_ / "a"), "words");
  EXPECT_EQ(mode(root_ / "a"), 0600u);
  EXPECT_EQ(mode(root_ / "b"), 0640u);
}

TEST_F(DurableFile, WhatIsThereIsNotWrittenOverAndALinkIsNotFollowed) {
  ASSERT_TRUE(write_new(root_ / "a", as_bytes("first"), 0600));
  EXPECT_FALSE(write_new(root_ / "a", as_bytes("second"), 0600));
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(content(root_ / "a"), "first");
  fs::create_symlink(root_ / "elsewhere", root_ / "link");
  EXPECT_FALSE(write_new(root_ / "link", as_bytes("x"), 0600));
  EXPECT_FALSE(fs::exists(root_ / "elsewhere"));
}

TEST_F(DurableFile, AFullDiskLeavesNothingHalfAndSaysWhy) {
  const SmallDisk small(1000);
  EXPECT_FALSE(write_new(root_ / "a", Bytes(1001, 1), 0600));
  EXPECT_EQ(errno, EFBIG);
  EXPECT_FALSE(fs::exists(root_ / "a"));
  EXPECT_TRUE(write_new(root_ / "a", Bytes(1000, 1), 0600));
}

TEST_F(DurableFile, WritesAndReadsAtAnyPlace) {
  const Descriptor file(::open((root_ / "a").c_str(), O_RDWR | O_CREAT, 0600));
  ASSERT_TRUE(write_all(file, as_bytes("0123456789")));
  ASSERT_TRUE(write_all(file, as_bytes("abc"), 8));
  Bytes found(6);
  EXPECT_EQ(read_all(file, found, 5), 6);
  EXPECT_EQ(as_text(found), "567abc");
  EXPECT_EQ(read_all(file, found, 9), 2) << "the file ends";
  EXPECT_EQ(read_all(file, found, 11), 0);
}

TEST_F(DurableFile, WhatIsNotOpenRefuses) {
  const Descriptor nothing(-1);
  Bytes room(1);
  EXPECT_FALSE(write_all(nothing, as_bytes("x")));
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(read_all(nothing, room), -1);
  EXPECT_FALSE(sync_folder(root_ / "nowhere"));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_TRUE(sync_folder(root_));
}

TEST_F(DurableFile, ADescriptorIsClosedOnceAndKeepsTheReasonOfAFailure) {
  int number = -1;
  {
    Descriptor first(::open(root_.c_str(), O_RDONLY));
    number = first.value();
    const Descriptor second(std::move(first));
    EXPECT_EQ(second.value(), number);
    errno = ENOSPC;
  }
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace wardline::disk
