// Ciphertext on disk: what is durable, what a full disk leaves behind, and that no name comes from outside.
#include "server/files/content_folder.h"

#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include <gtest/gtest.h>

#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"
#include "tests/support/result.h"
#include "tests/support/test_database.h"

namespace wardline::files {
namespace {

namespace fs = std::filesystem;
using support::code_of;

Bytes content(std::size_t size, std::uint8_t seed = 1) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 31 + seed);
  return bytes;
}

Digest digest_of(ByteView bytes) {
  Digest digest{};
  std::ranges::copy(crypto::sha256(bytes), digest.begin());
  return digest;
}

class ContentFolderTest : public ::testing::Test {
 protected:
  void SetUp() override { folder = *ContentFolder::open(directory.path() / "files"); }
  std::vector<std::string> on_disk() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory.path() / "files"))
      if (entry.is_regular_file())
        names.push_back(fs::relative(entry.path(), directory.path() / "files").string());
    std::ranges::sort(names);
    return names;
  }
  void upload(core::FileId file, ByteView bytes) { ASSERT_TRUE(folder->append(file, 0, bytes)); }

  support::TemporaryDirectory directory;
  std::unique_ptr<ContentFolder> folder;
};

TEST_F(ContentFolderTest, AnUploadGrowsAndIsThenFoundUnderItsDigest) {
  const auto file = core::new_id<core::FileId>();
  const Bytes whole = content(10'000);
  EXPECT_EQ(*folder->received(file), 0u);
  ASSERT_TRUE(folder->append(file, 0, ByteView(whole).first(4'000)));
  EXPECT_EQ(*folder->received(file), 4'000u);
  ASSERT_TRUE(folder->append(file, 4'000, ByteView(whole).subspan(4'000)));
  const Digest digest = digest_of(whole);
  ASSERT_TRUE(folder->keep(file, whole.size(), digest));
  ASSERT_TRUE(folder->discard(file));
  const std::string hex = to_hex(digest);
  EXPECT_EQ(on_disk(), std::vector<std::string>{"kept/" + hex.substr(0, 2) + "/" + hex.substr(2)});
  EXPECT_EQ(*folder->read(digest, 0, whole.size()), as_text(whole));
  EXPECT_EQ(*folder->read(digest, 9'000, 1'000), as_text(ByteView(whole).subspan(9'000)));
  EXPECT_EQ(code_of(folder->read(digest, 9'001, 1'000)), "file-damaged");
  ASSERT_TRUE(folder->remove(digest));
  EXPECT_EQ(code_of(folder->read(digest, 0, 1)), "file-damaged");
  EXPECT_TRUE(folder->remove(digest));
}

TEST_F(ContentFolderTest, BytesGoWhereTheUploadEndsAndNowhereElse) {
  const auto file = core::new_id<core::FileId>();
  upload(file, content(100));
  for (const std::uint64_t offset : {0u, 99u, 101u, 1'000'000u}) {
    const auto refused = folder->append(file, offset, content(10));
    EXPECT_EQ(code_of(refused), "wrong-offset") << offset;
    EXPECT_EQ(refused.error().facts, (decltype(refused.error().facts){{"received", 100}}));
  }
  EXPECT_EQ(*folder->received(file), 100u);
}

TEST_F(ContentFolderTest, OnlyWhatWasAnnouncedIsKept) {
  const auto file = core::new_id<core::FileId>();
  upload(file, content(100));
  EXPECT_EQ(code_of(folder->keep(file, 101, digest_of(content(100)))), "upload-incomplete");
  EXPECT_EQ(code_of(folder->keep(file, 100, digest_of(content(100, 2)))), "digest-mismatch");
  EXPECT_EQ(code_of(folder->keep(core::new_id<core::FileId>(), 100, digest_of(content(100)))),
            "upload-incomplete");
  EXPECT_EQ(on_disk().size(), 1u);
}

TEST_F(ContentFolderTest, AWholeFileIsNoUploadOfSomebodyElse) {
  const auto file = core::new_id<core::FileId>();
  upload(file, content(100));
  ASSERT_TRUE(folder->keep(file, 100, digest_of(content(100))));
  ASSERT_TRUE(folder->discard(file));
  // Knowing the digest of a file is not having its bytes.
  EXPECT_EQ(code_of(folder->keep(core::new_id<core::FileId>(), 100, digest_of(content(100)))),
            "upload-incomplete");
}

TEST_F(ContentFolderTest, TheSameContentTwiceLiesThereOnce) {
  const auto a = core::new_id<core::FileId>();
  const auto b = core::new_id<core::FileId>();
  for (const auto file : {a, b}) {
    upload(file, content(100));
    ASSERT_TRUE(folder->keep(file, 100, digest_of(content(100))));
    ASSERT_TRUE(folder->discard(file));
  }
  EXPECT_EQ(on_disk().size(), 1u);
}

// OPS-3. The limit on file sizes stands in for a full disk: a write gets part of its way and then fails.
TEST_F(ContentFolderTest, Ops3AFullDiskSaysSoAndLeavesTheUploadAsItWas) {
  const auto file = core::new_id<core::FileId>();
  const auto other = core::new_id<core::FileId>();
  upload(file, content(60'000));
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  const rlimit tight{.rlim_cur = 100'000, .rlim_max = old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = folder->append(file, 60'000, content(60'000));
  const auto first = folder->append(other, 0, content(120'000));
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(code_of(refused), "storage-full");
  EXPECT_EQ(code_of(first), "storage-full");
  EXPECT_EQ(*folder->received(file), 60'000u);
  EXPECT_EQ(on_disk().size(), 1u) << "nothing is left of an upload that did not begin";
  EXPECT_TRUE(folder->append(file, 60'000, content(60'000))) << "and it goes on when there is room";
}

TEST_F(ContentFolderTest, LinksAreNotFollowed) {
  const auto file = core::new_id<core::FileId>();
  std::ofstream(directory.path() / "outside") << "outside";
  fs::create_symlink(directory.path() / "outside", directory.path() / "files/pending" / to_hex(file.view()));
  EXPECT_EQ(code_of(folder->append(file, 0, content(10))), "file-storage-unusable");
  EXPECT_EQ(code_of(folder->keep(file, 7, digest_of(as_bytes("outside")))), "file-storage-unusable");
  EXPECT_EQ(fs::file_size(directory.path() / "outside"), 7u);
}

TEST_F(ContentFolderTest, OthersCannotReadIt) {
  const auto file = core::new_id<core::FileId>();
  upload(file, content(10));
  const auto mode = [](const fs::path& path) { return fs::status(path).permissions() & fs::perms::all; };
  EXPECT_EQ(mode(directory.path() / "files"), fs::perms::owner_all);
  EXPECT_EQ(mode(directory.path() / "files/kept"), fs::perms::owner_all);
  EXPECT_EQ(mode(directory.path() / "files/pending" / to_hex(file.view())),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(ContentFolderTest, ListsWhatIsOldAndLeavesAloneWhatIsNotOurs) {
  const auto file = core::new_id<core::FileId>();
  upload(file, content(10));
  ASSERT_TRUE(folder->keep(file, 10, digest_of(content(10))));
  std::ofstream(directory.path() / "files/pending/lost+found") << "x";
  fs::create_directory(directory.path() / "files/kept/zz");
  std::ofstream(directory.path() / "files/kept/zz/notes") << "x";
  const core::Time later = core::SystemClock().now() + std::chrono::hours(1);
  EXPECT_EQ(*folder->uploads_before(later), std::vector<core::FileId>{file});
  EXPECT_EQ(*folder->contents_before(later), std::vector<Digest>{digest_of(content(10))});
  EXPECT_TRUE(folder->uploads_before({0})->empty());
  EXPECT_TRUE(folder->contents_before({0})->empty());
}

}  // namespace
}  // namespace wardline::files
