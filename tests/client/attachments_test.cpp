// Files of messages over the server as it ships (MSG-4): there and back, over a server that goes away, and
// what a server or a folder must not be able to do.
#include <fstream>
#include <sstream>

#include "tests/client/hospital.h"

namespace wardline::client::testing {
namespace {

class AttachmentsTest : public HospitalTest {
 protected:
  void SetUp() override {
    ruth_ = std::make_unique<Seat>(hospital_, "ruth.cohen");
    samuel_ = std::make_unique<Seat>(hospital_, "samuel.price");
    id_ = begin(*ruth_, {samuel_.get()});
    fs::create_directory(hospital_.place("saved"));
  }

  fs::path file(const std::string& name, std::size_t size) const {
    const fs::path path = hospital_.place(name);
    std::ofstream stream(path, std::ios::binary);
    for (std::size_t i = 0; i < size; ++i) stream.put(static_cast<char>(i * 31 + i / 251));
    return path;
  }
  static std::string content_of(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  /// Sends that file with a message, and gives what Samuel finds in it.
  content::Attachment send(const fs::path& path, const TransferOptions& options = {}) const {
    auto attachment = ruth_->client->attach(id_, path, options);
    if (!attachment) throw std::runtime_error(attachment.error().code + ": " + attachment.error().detail);
    const auto sent =
        ruth_->client->send({.conversation_id = id_, .content = {.text = {}, .attachments = {*attachment}}});
    if (!sent) throw std::runtime_error(sent.error().code);
    samuel_->sync();
    return samuel_->client->messages(id_)->back().content.attachments.at(0);
  }
  auto save(const content::Attachment& attachment) const {
    return samuel_->client->save(id_, attachment, hospital_.place("saved"), {.attempts = 1});
  }
  std::size_t saved() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(hospital_.place("saved")), {}));
  }

  std::unique_ptr<Seat> ruth_;
  std::unique_ptr<Seat> samuel_;
  std::string id_;
};

TEST_F(AttachmentsTest, Msg4FilesOfAnySizeComeBackAsTheyWereAndNothingIsOverwritten) {
  for (const std::size_t size : {0uz, 1uz, 16'384uz, 2'600'000uz}) {
    const auto sent = file("scan.pdf", size);
    const auto attachment = send(sent);
    EXPECT_EQ(attachment.name, "scan.pdf");
    EXPECT_EQ(attachment.type, "application/pdf");
    const auto got = save(attachment);
    ASSERT_TRUE(got) << got.error().code << ": " << got.error().detail;
    EXPECT_EQ(content_of(*got), content_of(sent));
    EXPECT_EQ(fs::status(*got).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_EQ(saved(), 4U) << "each beside the one of the same name";
}

TEST_F(AttachmentsTest, Msg4AnUploadGoesOnInAnotherRunOfTheProgramWhereItWasCutOff) {
  const auto sent = file("video.mp4", 3'500'000);
  std::vector<std::uint64_t> told;
  TransferOptions options{.progress =
                              [&](std::uint64_t done, std::uint64_t) {
                                told.push_back(done);
                                if (told.size() == 3) hospital_.stop();
                              },
                          .attempts = 1};
  EXPECT_EQ(ruth_->client->attach(id_, sent, options).error().code, "no-connection");
  const std::uint64_t reached = told.back();
  hospital_.start();
  ruth_->crash();
  ruth_->open_client();
  told = {0, 0, 0};
  const auto attachment = send(sent, options);
  EXPECT_EQ(told.at(3), reached) << "told by the server before anything was sent again";
  EXPECT_EQ(hospital_.count("SELECT COUNT(*) FROM files"), 1);
  const auto got = save(attachment);
  ASSERT_TRUE(got) << got.error().code << ": " << got.error().detail;
  EXPECT_TRUE(content_of(*got) == content_of(sent));
}

TEST_F(AttachmentsTest, Msg4AnUploadGoesOnWhereItWasWhenTheServerComesBack) {
  const auto sent = file("video.mp4", 3'500'000);
  std::vector<std::uint64_t> told;
  bool broke = false;
  const TransferOptions options{.progress =
                                    [&](std::uint64_t done, std::uint64_t) {
                                      told.push_back(done);
                                      if (done == 0 || std::exchange(broke, true)) return;
                                      hospital_.stop();
                                      hospital_.start();
                                    },
                                .pause = std::chrono::milliseconds(10)};
  const auto attachment = send(sent, options);
  ASSERT_TRUE(broke);
  EXPECT_TRUE(std::ranges::is_sorted(told)) << "nothing went over twice";
  const auto got = save(attachment);
  ASSERT_TRUE(got) << got.error().code;
  EXPECT_EQ(content_of(*got), content_of(sent));
}

TEST_F(AttachmentsTest, Msg4AFileThatTheServerChangedIsNotSaved) {
  const auto attachment = send(file("dose.txt", 5'000));
  hospital_.stop();
  std::size_t changed = 0;
  for (const auto& each : fs::recursive_directory_iterator(hospital_.place("data/files"))) {
    if (!each.is_regular_file() || each.file_size() < 5'000) continue;
    std::fstream stream(each.path(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(2'000);
    const char old = static_cast<char>(stream.get());
    stream.seekp(2'000);
    stream.put(static_cast<char>(old ^ 1));
    ++changed;
  }
  ASSERT_EQ(changed, 1U);
  hospital_.start();
  const auto got = save(attachment);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, "file-damaged");
  EXPECT_EQ(saved(), 0U);
}

TEST_F(AttachmentsTest, Msg4OnlyMembersFetchAFileAndAFileGoesOnlyWhereOneMayWrite) {
  const auto attachment = send(file("list.csv", 100));
  Seat grace(hospital_, "grace.okafor");
  const auto stolen = grace.client->save(id_, attachment, hospital_.place("saved"), {.attempts = 1});
  ASSERT_FALSE(stolen);
  EXPECT_EQ(stolen.error().status, 404);
  EXPECT_EQ(saved(), 0U);
  EXPECT_EQ(grace.client->attach(id_, file("mine.csv", 100)).error().code, "no-such-conversation");
  EXPECT_EQ(ruth_->client->attach(id_, hospital_.place("nothing.pdf")).error().code, "file-unreadable");
  EXPECT_EQ(ruth_->client->attach(id_, hospital_.place("saved")).error().code, "file-unreadable")
      << "a folder";
  EXPECT_EQ(samuel_->client->save(id_, attachment, hospital_.place("nowhere")).error().code,
            "directory-unusable");
}

TEST_F(AttachmentsTest, Msg4ANameThatLeadsOutOfTheFolderIsNotSentAndNotFollowed) {
  auto attachment = send(file("plan.txt", 100));
  attachment.name = "../plan.txt";
  EXPECT_EQ(
      ruth_->client->send({.conversation_id = id_, .content = {.text = {}, .attachments = {attachment}}})
          .error()
          .code,
      "bad-content");
  const auto got = save(attachment);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->parent_path(), hospital_.place("saved"));
  EXPECT_EQ(got->filename().string().find('/'), std::string::npos);
  EXPECT_EQ(content_of(hospital_.place("plan.txt")), content_of(*got));
}

}  // namespace
}  // namespace wardline::client::testing
