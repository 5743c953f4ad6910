// Files over a network that fails, and against a server that lies.
#include "client/attachments/transfer.h"

#include <stdlib.h>

#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "lib/attachment/layout.h"
#include "lib/bytes/text.h"
#include "lib/crypto/hash.h"

namespace wardline::client {
namespace {

namespace fs = std::filesystem;

const std::string kConversation = "0190a1b2-c3d4-7e5f-8a6b-0c1d2e3f4a5b";
const HttpError kGone{0, "no-connection", "The network is away."};

/// Keeps files in memory as the server does. `fail_next` answers of calls are lost: what was asked is done.
class MemoryServer final : public FileServer {
 public:
  struct File {
    std::string bytes;
    std::uint64_t size = 0;
    Bytes sha256;
    bool complete = false;
  };

  std::expected<UploadStanding, HttpError> begin(const std::string&, const std::string& id,
                                                 std::uint64_t size, ByteView sha256) override {
    if (size > largest) return std::unexpected(HttpError{413, "file-too-large", "Too large."});
    File& file = files[id];
    file.size = size;
    file.sha256 = to_bytes(sha256);
    return answer(file);
  }
  std::expected<UploadStanding, HttpError> put(const std::string&, const std::string& id, std::uint64_t first,
                                               std::uint64_t, std::string_view bytes) override {
    if (puts_until_cut-- <= 0) return std::unexpected(kGone);
    ++puts;
    File& file = files[id];
    if (first != file.bytes.size()) return std::unexpected(HttpError{409, "wrong-offset", "Not there."});
    EXPECT_LE(bytes.size(), kPartBytes);
    file.bytes += bytes;
    return answer(file);
  }
  std::expected<UploadStanding, HttpError> complete(const std::string&, const std::string& id) override {
    File& file = files[id];
    if (!equal(crypto::sha256(as_bytes(file.bytes)), file.sha256))
      return std::unexpected(HttpError{422, "digest-mismatch", "Not what was announced."});
    file.complete = true;
    return answer(file);
  }
  std::expected<void, HttpError> cancel(const std::string&, const std::string& id) override {
    files.erase(id);
    return {};
  }
  std::expected<FilePart, HttpError> get(const std::string&, const std::string& id,
                                         std::uint64_t first) override {
    if (fail_next > 0 && fail_next-- > 0) return std::unexpected(kGone);
    if (!files.contains(id)) return std::unexpected(HttpError{404, "file-not-found", "None."});
    return FilePart{files[id].bytes.substr(first, kPartBytes), files[id].bytes.size()};
  }

  std::map<std::string, File> files;
  std::uint64_t largest = 100 << 20;
  int fail_next = 0;
  int puts = 0;
  int puts_until_cut = 1'000'000;

 private:
  std::expected<UploadStanding, HttpError> answer(const File& file) {
    if (fail_next > 0 && fail_next-- > 0) return std::unexpected(kGone);
    return UploadStanding{file.bytes.size(), file.complete};
  }
};

class Transfer : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wardline-transfer-XXXXXX").string();
    root = mkdtemp(pattern.data());
    fs::create_directory(root / "saved");
    options.pause = std::chrono::milliseconds(1);
  }
  void TearDown() override { fs::remove_all(root); }

  fs::path file(std::size_t size, const std::string& name = "report.pdf") {
    std::ofstream stream(root / name, std::ios::binary);
    for (std::size_t i = 0; i < size; ++i) stream.put(static_cast<char>(i * 31 + i / 251));
    return root / name;
  }
  static std::string content_of(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  std::size_t saved() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(root / "saved"), {}));
  }
  auto upload(const fs::path& path) { return upload_file(server, kConversation, path, options); }
  auto download(const content::Attachment& attachment) {
    return download_file(server, kConversation, attachment, root / "saved", options);
  }
  std::string refusal(const content::Attachment& attachment) {
    const auto path = download(attachment);
    return path ? "saved" : path.error().code;
  }

  fs::path root;
  MemoryServer server;
  TransferOptions options;
};

TEST_F(Transfer, Msg4AFileGoesOutEncryptedAndComesBackTheSame) {
  for (const std::size_t size : {0uz, 1uz, 16'384uz, 3'000'000uz}) {
    const auto path = file(size);
    const auto sent = upload(path);
    ASSERT_TRUE(sent) << sent.error().detail;
    EXPECT_EQ(sent->name, "report.pdf");
    EXPECT_EQ(sent->type, "application/pdf");
    EXPECT_EQ(sent->size, static_cast<std::int64_t>(size));
    const auto& stored = server.files[sent->id];
    EXPECT_TRUE(stored.complete);
    EXPECT_EQ(stored.bytes.size(), attachment::sealed_size(size));
    if (size > 100) EXPECT_EQ(stored.bytes.find(content_of(path).substr(0, 32)), std::string::npos);
    const auto back = download(*sent);
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(content_of(*back), content_of(path));
    EXPECT_EQ(fs::status(*back).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write);
  }
}

TEST_F(Transfer, Dlp2APhotoGoesOutWithoutWhatItSaysBesideThePicture) {
  const auto segment = [](const std::string& marker, const std::string& body) {
    return marker +
           std::string{static_cast<char>((body.size() + 2) >> 8), static_cast<char>(body.size() + 2)} + body;
  };
  const std::string start = "\xff\xd8";
  const std::string exif = segment("\xff\xe1", std::string("Exif\0\0MM\0\x2a", 10) + "GPS 52.52 13.40");
  const std::string picture =
      segment("\xff\xda", std::string(10, '\1')) + std::string(1'000'000, '\x11') + "\xff\xd9";
  std::ofstream(root / "wound.jpg", std::ios::binary) << start << exif << picture;
  const auto sent = upload(root / "wound.jpg");
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_EQ(sent->type, "image/jpeg");
  EXPECT_EQ(sent->size, static_cast<std::int64_t>(start.size() + picture.size()));
  const auto back = download(*sent);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_TRUE(content_of(*back) == start + picture);

  std::ofstream(root / "torn.jpg", std::ios::binary) << start << exif;
  EXPECT_EQ(upload(root / "torn.jpg").error().code, "picture-unreadable");
}

TEST_F(Transfer, AnUploadGoesOnWhereTheServerIs) {
  const auto path = file(3'500'000);
  server.fail_next = 3;  // The announcement's answer is lost, twice, and then that of the first part.
  const auto sent = upload(path);
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_EQ(server.puts, 4) << "no part goes twice";
  server.fail_next = 3;
  EXPECT_TRUE(download(*sent));
}

/// As a device keeps it from one run to the next.
class Remembered final : public UploadMemory {
 public:
  std::optional<UploadKey> find(const std::string& conversation, ByteView digest) override {
    const auto found = begun.find(conversation + to_hex(digest));
    if (found == begun.end()) return std::nullopt;
    return UploadKey{found->second.file_id, found->second.key.copy(), found->second.header};
  }
  void keep(const std::string& conversation, ByteView digest, const UploadKey& key) override {
    begun.insert_or_assign(conversation + to_hex(digest), UploadKey{key.file_id, key.key.copy(), key.header});
  }
  void forget(const std::string& conversation, ByteView digest) override {
    begun.erase(conversation + to_hex(digest));
  }
  std::map<std::string, UploadKey> begun;
};

TEST_F(Transfer, Msg4AnUploadThatWasCutOffGoesOnInAnotherRunWithTheSameBytes) {
  Remembered memory;
  options.memory = &memory;
  options.attempts = 1;
  const auto path = file(3'500'000);
  server.puts_until_cut = 2;
  EXPECT_EQ(upload(path).error().code, "no-connection");
  ASSERT_EQ(server.files.size(), 1U);
  const std::string begun = server.files.begin()->second.bytes;
  EXPECT_EQ(begun.size(), 2 * kPartBytes);
  EXPECT_EQ(memory.begun.size(), 1U);

  server.puts_until_cut = 1'000;
  const auto sent = upload(path);
  ASSERT_TRUE(sent) << sent.error().detail;
  EXPECT_EQ(server.puts, 4) << "no part goes twice";
  ASSERT_EQ(server.files.size(), 1U);
  EXPECT_TRUE(server.files.begin()->second.bytes.starts_with(begun));
  EXPECT_TRUE(memory.begun.empty());
  const auto back = download(*sent);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_TRUE(content_of(*back) == content_of(path));
}

TEST_F(Transfer, Msg4AKeyOfAnUploadThatWasCutOffServesForNoOtherBytes) {
  Remembered memory;
  options.memory = &memory;
  options.attempts = 1;
  server.puts_until_cut = 1;
  EXPECT_FALSE(upload(file(2'000'000)));
  const std::string begun = server.files.begin()->first;
  server.puts_until_cut = 1'000;
  const auto other = upload(file(2'000'001));  // The same name, and one byte more.
  ASSERT_TRUE(other);
  EXPECT_NE(other->id, begun);
  EXPECT_FALSE(server.files[other->id].bytes.starts_with(server.files[begun].bytes));
}

TEST_F(Transfer, GivesUpWhenTheNetworkStaysAway) {
  server.fail_next = 1'000;
  options.attempts = 3;
  const auto sent = upload(file(10));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, "no-connection");
  EXPECT_EQ(server.fail_next, 997);
}

TEST_F(Transfer, WhatTheServerRefusesIsSaidAndGivenUp) {
  server.largest = 100;
  const auto sent = upload(file(1'000));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, "file-too-large");
  EXPECT_TRUE(server.files.empty());
  EXPECT_EQ(upload(root / "absent").error().code, "file-unreadable");
  EXPECT_EQ(upload(root).error().code, "file-unreadable");
}

TEST_F(Transfer, NothingIsSavedOfWhatIsNotWhatWasSent) {
  const auto sent = *upload(file(50'000));
  auto& stored = server.files[sent.id].bytes;
  const std::string whole = stored;
  for (const std::size_t at : {0uz, 60uz, 20'000uz, whole.size() - 1}) {
    stored = whole;
    stored[at] = static_cast<char>(stored[at] ^ 1);
    EXPECT_EQ(refusal(sent), "file-damaged") << at;
  }
  stored = whole.substr(0, whole.size() - 1);
  EXPECT_EQ(refusal(sent), "file-damaged");
  stored = whole + "x";
  EXPECT_EQ(refusal(sent), "file-damaged");
  stored = whole;
  auto other = sent;
  other.sha256[0] ^= 1;
  EXPECT_EQ(refusal(other), "file-damaged") << "a member's own file under the same key";
  other = sent;
  other.size -= 1;
  EXPECT_EQ(refusal(other), "file-damaged");
  EXPECT_EQ(saved(), 0u);
  EXPECT_EQ(refusal(sent), "saved");
}

TEST_F(Transfer, NothingIsOverwrittenAndNoNameLeadsOutOfTheDirectory) {
  auto sent = *upload(file(10));
  EXPECT_EQ(download(sent)->filename(), "report.pdf");
  EXPECT_EQ(download(sent)->filename(), "report (1).pdf");
  EXPECT_EQ(download(sent)->filename(), "report (2).pdf");
  sent.name = "../../escape";
  EXPECT_EQ(download(sent)->parent_path(), root / "saved");
  EXPECT_EQ(saved(), 4u);
  EXPECT_EQ(download_file(server, kConversation, sent, root / "absent", options).error().code,
            "directory-unusable");
}

TEST_F(Transfer, SaysHowFarItIs) {
  std::vector<std::uint64_t> seen;
  options.progress = [&](std::uint64_t done, std::uint64_t all) {
    EXPECT_EQ(all, *attachment::sealed_size(2'500'000));
    seen.push_back(done);
  };
  ASSERT_TRUE(upload(file(2'500'000)));
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen.back(), *attachment::sealed_size(2'500'000));
}

TEST(MediaType, IsThatOfTheEndingInEitherCase) {
  EXPECT_EQ(media_type_of("a/ECG.PNG"), "image/png");
  EXPECT_EQ(media_type_of("noending"), "application/octet-stream");
}

}  // namespace
}  // namespace wardline::client
