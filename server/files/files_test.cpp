// Files of conversations, on both engines: who may, what the limits say, what is on record, and what is left
// after a crash.
#include "server/files/files.h"

#include <gtest/gtest.h>

#include "lib/crypto/hash.h"
#include "lib/crypto/random.h"
#include "server/audit/migrations.h"
#include "server/delivery/migrations.h"
#include "server/files/migrations.h"
#include "server/storage/migrations.h"
#include "tests/support/result.h"
#include "tests/support/test_database.h"

namespace wardline::files {
namespace {

namespace fs = std::filesystem;
using support::code_of;

std::vector<storage::Migration> all_migrations() {
  return storage::gather(
      {storage::migrations(), audit::migrations(), delivery::migrations(), files::migrations()});
}

Digest digest_of(ByteView bytes) {
  Digest digest{};
  std::ranges::copy(crypto::sha256(bytes), digest.begin());
  return digest;
}

policy::Subject person() {
  return {.user = core::new_id<core::UserId>(),
          .role = policy::Role::nurse,
          .stage = policy::Stage::device_bound,
          .device = core::new_id<core::DeviceId>()};
}

class FilesTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    database.emplace(GetParam(), all_migrations());
    folder = *ContentFolder::open(directory.path() / "files");
    restart({});
    ward = conversation({&ann, &ben});
  }

  void restart(Limits limits) {
    if (limits.reserve_bytes == Limits().reserve_bytes)
      limits.reserve_bytes = 0;  // Whatever disk tests run on.
    files.reset();
    files =
        std::make_unique<Files>(**database, policy::built_in_policy(), clock, references, *folder, limits);
  }

  core::ConversationId conversation(std::vector<const policy::Subject*> members, int state = 1) {
    const auto id = core::new_id<core::ConversationId>();
    const std::int64_t no = ++conversations;
    const auto made = (*database)->write([&](storage::Transaction& tx) -> core::Result<void> {
      tx.execute(
          "INSERT INTO conversations (conversation_no, conversation_id, kind, state, cipher_suite, "
          "created_at, "
          "created_by, creation_digest, patient_id, matched_on, epoch, version, last_sequence) "
          "VALUES ($1, $2, 2, $3, 2, 0, $4, $5, $6, 'mrn', 1, 1, 1)",
          no, id, state, members.front()->user, Bytes(32), core::new_id<core::PatientId>());
      for (const auto* member : members) {
        tx.execute("INSERT INTO conversation_members VALUES ($1, $2, 1, NULL, 0, 0, 0)", no, member->user);
        tx.execute("INSERT INTO conversation_devices VALUES ($1, $2, $3, 0, 1, NULL, FALSE, 0, 0, 0)", no,
                   member->device.value(), member->user);
      }
      return {};
    });
    EXPECT_TRUE(made) << made.error().detail;
    return id;
  }
  void change(const char* what, const policy::Subject& subject) {
    const auto changed = (*database)->write([&](storage::Transaction& tx) -> core::Result<void> {
      if (what == std::string_view("leaves"))
        tx.execute("UPDATE conversation_members SET left_sequence = 2 WHERE user_id = $1", subject.user);
      if (what == std::string_view("removal pending"))
        tx.execute("UPDATE conversation_devices SET removal_pending = TRUE WHERE device_id = $1",
                   subject.device.value());
      if (what == std::string_view("removed"))
        tx.execute("UPDATE conversation_devices SET removed_sequence = 2 WHERE device_id = $1",
                   subject.device.value());
      return {};
    });
    ASSERT_TRUE(changed);
  }

  struct Announced {
    core::FileId id = core::new_id<core::FileId>();
    Bytes bytes;
  };
  static Announced ciphertext(std::size_t size) { return {.bytes = crypto::random_bytes(size)}; }
  core::Result<Upload> begin(const Announced& file, const policy::Subject& subject) {
    return files->begin(subject, {ward, file.id, file.bytes.size(), digest_of(file.bytes)});
  }
  core::Result<Upload> send(const Announced& file, const policy::Subject& subject) {
    if (auto begun = begin(file, subject); !begun) return begun;
    for (std::size_t at = 0; at < file.bytes.size(); at += kLargestPart) {
      const auto part = ByteView(file.bytes).subspan(at, std::min(kLargestPart, file.bytes.size() - at));
      if (auto written = files->write(subject, ward, file.id, {at, file.bytes.size()}, part); !written)
        return written;
    }
    return files->complete(subject, ward, file.id);
  }
  core::Result<Part> read(const Announced& file, const policy::Subject& subject) {
    return files->read(subject, ward, file.id, 0, file.bytes.size() - 1);
  }

  std::size_t on_disk() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(directory.path() / "files"))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  std::int64_t count(storage::Sql sql) {
    return (*database)
        ->read([&](storage::ReadTransaction& tx) -> core::Result<std::int64_t> {
          return tx.query_value<std::int64_t>(sql).value();
        })
        .value();
  }
  /// Entries of the audit log as "file.begin done", in order.
  std::vector<std::string> record() {
    const auto all =
        (*database)->read([&](storage::ReadTransaction& tx) -> core::Result<std::vector<std::string>> {
          std::vector<std::string> found;
          for (const auto row : tx.query("SELECT entry FROM audit_entries")) {
            const auto entry = audit::decode(row.text_view(0));
            if (!entry) continue;
            const bool done = entry->outcome == audit::Outcome::done;
            const bool denied = entry->outcome == audit::Outcome::denied;
            found.push_back(std::string(entry->act.name()) +
                            (done     ? " done"
                             : denied ? " denied"
                                      : " failed") +
                            (entry->reason ? " " + std::string(entry->reason->view()) : ""));
          }
          return found;
        });
    return all.value();
  }
  using Record = std::vector<std::string>;

  core::ManualClock clock{core::SystemClock().now()};
  support::TemporaryDirectory directory;
  std::optional<support::TestDatabase> database;
  audit::PatientReferenceKey references{SecretBytes(ByteView(Bytes(32, 7)))};
  std::unique_ptr<ContentFolder> folder;
  std::unique_ptr<Files> files;
  const policy::Subject ann = person();
  const policy::Subject ben = person();
  const policy::Subject eve = person();
  core::ConversationId ward;
  std::int64_t conversations = 0;
};
WARDLINE_ON_EACH_ENGINE(FilesTest);

TEST_P(FilesTest, Msg4AMemberUploadsInPartsAndAnotherGetsTheSameBytes) {
  const auto file = ciphertext(2 * kLargestPart + 5);
  const auto whole = send(file, ann);
  ASSERT_TRUE(whole) << whole.error().detail;
  EXPECT_TRUE(whole->complete);
  Bytes fetched;
  while (fetched.size() < file.bytes.size()) {
    const auto part = files->read(ben, ward, file.id, fetched.size(), ~std::uint64_t{0});
    ASSERT_TRUE(part) << part.error().detail;
    EXPECT_EQ(part->size, file.bytes.size());
    append(fetched, as_bytes(part->bytes));
  }
  EXPECT_EQ(fetched, file.bytes);
  EXPECT_EQ(files->read(ben, ward, file.id, 10, 19)->bytes, as_text(ByteView(file.bytes).subspan(10, 10)));
  EXPECT_EQ(on_disk(), 1u);
}

TEST_P(FilesTest, Msg4AnUploadGoesOnWhereItWasAfterALostAnswerOrARestart) {
  const auto file = ciphertext(3'000);
  ASSERT_TRUE(begin(file, ann));
  ASSERT_TRUE(files->write(ann, ward, file.id, {0, file.bytes.size()}, ByteView(file.bytes).first(1'000)));
  restart({});
  const auto again = begin(file, ann);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->received, 1'000u);
  const auto repeated =
      files->write(ann, ward, file.id, {0, file.bytes.size()}, ByteView(file.bytes).first(1'000));
  EXPECT_EQ(code_of(repeated), "wrong-offset");
  EXPECT_EQ(repeated.error().facts.front().second, 1'000);
  ASSERT_TRUE(
      files->write(ann, ward, file.id, {1'000, file.bytes.size()}, ByteView(file.bytes).subspan(1'000)));
  ASSERT_TRUE(files->complete(ann, ward, file.id));
  EXPECT_TRUE(files->complete(ann, ward, file.id)->complete) << "and again gives the same";
  EXPECT_TRUE(begin(file, ann)->complete);
  EXPECT_EQ(record(), (Record{"file.begin done", "file.complete done"}));
}

TEST_P(FilesTest, Aud1BeginCompleteAndDownloadAreOnRecordOnceEach) {
  const auto file = ciphertext(2 * kLargestPart);
  ASSERT_TRUE(send(file, ann));
  for (int part = 0; part < 2; ++part)
    ASSERT_TRUE(files->read(ben, ward, file.id, static_cast<std::uint64_t>(part) * kLargestPart, ~0ull));
  EXPECT_EQ(record(), (Record{"file.begin done", "file.complete done", "file.read done"}));
  clock.advance(kOneReading);
  ASSERT_TRUE(files->read(ben, ward, file.id, kLargestPart, ~0ull)) << "also if it begins in the middle";
  EXPECT_EQ(record().size(), 4u);
  ASSERT_TRUE(read(file, ann));
  EXPECT_EQ(record().size(), 5u) << "each device for itself";
}

TEST_P(FilesTest, Enc1WhoIsNotInTheConversationGetsNothingAndIsOnRecord) {
  const auto file = ciphertext(100);
  ASSERT_TRUE(send(file, ann));
  const auto other = conversation({&eve});
  const auto theirs = ciphertext(10);
  EXPECT_EQ(code_of(begin(theirs, eve)), "conversation-not-found");
  EXPECT_EQ(code_of(files->write(eve, ward, file.id, {0, file.bytes.size()}, theirs.bytes)),
            "conversation-not-found");
  EXPECT_EQ(code_of(files->complete(eve, ward, file.id)), "conversation-not-found");
  EXPECT_EQ(code_of(files->cancel(eve, ward, file.id)), "conversation-not-found");
  EXPECT_EQ(code_of(read(file, eve)), "conversation-not-found");
  const Record expected{"file.begin done",
                        "file.complete done",
                        "file.begin denied not-permitted",
                        "file.write denied not-permitted",
                        "file.complete denied not-permitted",
                        "file.cancel denied not-permitted",
                        "file.read denied not-permitted"};
  EXPECT_EQ(record(), expected);
  // Through a conversation of her own the file is not there either, and neither is the one that there is not.
  EXPECT_EQ(code_of(files->read(eve, other, file.id, 0, 1)), "file-not-found");
  EXPECT_EQ(code_of(files->read(eve, core::new_id<core::ConversationId>(), file.id, 0, 1)),
            "conversation-not-found");
}

TEST_P(FilesTest, Iam9WhoLeftOrIsBeingRemovedGetsNothingMore) {
  for (const char* what : {"removal pending", "removed", "leaves"}) {
    const auto cem = person();
    ward = conversation({&ann, &cem});
    const auto file = ciphertext(100);
    const auto begun = ciphertext(100);
    ASSERT_TRUE(send(file, ann));
    ASSERT_TRUE(begin(begun, cem));
    ASSERT_TRUE(files->write(cem, ward, begun.id, {0, begun.bytes.size()}, begun.bytes));
    ASSERT_TRUE(read(file, cem));
    change(what, cem);
    EXPECT_EQ(code_of(read(file, cem)), "conversation-not-found") << what;
    EXPECT_EQ(code_of(files->complete(cem, ward, begun.id)), "conversation-not-found") << what;
    EXPECT_EQ(code_of(begin(ciphertext(1), cem)), "conversation-not-found") << what;
  }
}

TEST_P(FilesTest, AnUploadBelongsToTheDeviceThatBeganIt) {
  const auto file = ciphertext(100);
  ASSERT_TRUE(begin(file, ann));
  EXPECT_EQ(code_of(files->write(ben, ward, file.id, {0, file.bytes.size()}, file.bytes)), "file-not-found");
  EXPECT_EQ(code_of(files->complete(ben, ward, file.id)), "file-not-found");
  EXPECT_EQ(code_of(read(file, ben)), "file-not-found") << "nor is there anything to fetch yet";
  EXPECT_EQ(code_of(read(file, ann)), "file-not-found");
  EXPECT_EQ(code_of(begin(file, ben)), "file-id-taken");
  EXPECT_TRUE(files->cancel(ben, ward, file.id));
  EXPECT_TRUE(files->write(ann, ward, file.id, {0, file.bytes.size()}, file.bytes))
      << "and nobody else can give it up";
}

TEST_P(FilesTest, WhatArrivesMustBeWhatWasAnnounced) {
  auto file = ciphertext(1'000);
  ASSERT_TRUE(begin(file, ann));
  EXPECT_EQ(code_of(files->complete(ann, ward, file.id)), "upload-incomplete");
  EXPECT_EQ(code_of(files->write(ann, ward, file.id, {0, file.bytes.size()}, Bytes(1'001))),
            "file-too-large");
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{999}, std::uint64_t{1'001}, ~std::uint64_t{0}}) {
    const auto refused = files->write(ann, ward, file.id, {0, size}, ByteView(file.bytes).first(500));
    ASSERT_EQ(code_of(refused), "wrong-size") << size;
    EXPECT_EQ(refused.error().facts,
              (std::vector<std::pair<std::string_view, std::int64_t>>{{"size", 1'000}}));
  }
  EXPECT_EQ(begin(file, ann)->received, 0u) << "nothing of them was kept";
  EXPECT_EQ(code_of(files->write(ann, ward, file.id, {~std::uint64_t{0}, file.bytes.size()}, Bytes(2))),
            "file-too-large");
  file.bytes[500] ^= 1;
  ASSERT_TRUE(files->write(ann, ward, file.id, {0, file.bytes.size()}, file.bytes));
  EXPECT_EQ(code_of(files->complete(ann, ward, file.id)), "digest-mismatch");
  EXPECT_EQ(on_disk(), 0u);
  EXPECT_EQ(code_of(files->complete(ann, ward, file.id)), "file-not-found");
  EXPECT_EQ(record(), (Record{"file.begin done", "file.complete failed digest-mismatch"}));
  EXPECT_EQ(count("SELECT bytes FROM file_space"), 0);
}

TEST_P(FilesTest, LimitsAreKeptAndSaid) {
  restart({.largest_bytes = 1'000, .per_conversation = 3, .pending_per_user = 2, .total_bytes = 2'500});
  const auto large = begin(ciphertext(1'001), ann);
  EXPECT_EQ(code_of(large), "file-too-large");
  EXPECT_EQ(large.error().facts, (decltype(large.error().facts){{"max_bytes", 1'000}}));
  ASSERT_TRUE(send(ciphertext(1'000), ann));
  const auto second = ciphertext(1'000);
  ASSERT_TRUE(begin(second, ann));
  EXPECT_EQ(code_of(begin(ciphertext(501), ann)), "file-storage-full");
  ASSERT_TRUE(begin(ciphertext(500), ann));
  EXPECT_EQ(code_of(begin(ciphertext(1), ben)), "too-many-files");
  ward = conversation({&ann, &ben});
  EXPECT_EQ(code_of(begin(ciphertext(1), ann)), "too-many-uploads");
  EXPECT_EQ(code_of(begin(ciphertext(1), ben)), "file-storage-full");
  ward = conversation({&ann}, 2);
  EXPECT_EQ(code_of(begin(ciphertext(1), ann)), "conversation-closed");
  EXPECT_EQ(count("SELECT bytes FROM file_space"), 2'500);
  EXPECT_EQ(std::ranges::count(record(), "file.begin failed file-storage-full"), 2);
}

TEST_P(FilesTest, Ops3TheDiskIsLeftRoomForMessagesAndTheRecord) {
  restart({.reserve_bytes = std::uint64_t{1} << 62});
  EXPECT_EQ(code_of(begin(ciphertext(1), ann)), "file-storage-full");
  EXPECT_EQ(on_disk(), 0u);
  EXPECT_EQ(count("SELECT COUNT(*) FROM files"), 0);
}

TEST_P(FilesTest, AnUploadThatIsGivenUpLeavesNothingBehind) {
  const auto file = ciphertext(1'000);
  ASSERT_TRUE(begin(file, ann));
  ASSERT_TRUE(files->write(ann, ward, file.id, {0, file.bytes.size()}, file.bytes));
  ASSERT_TRUE(files->cancel(ann, ward, file.id));
  EXPECT_TRUE(files->cancel(ann, ward, file.id)) << "twice is once";
  EXPECT_EQ(on_disk(), 0u);
  EXPECT_EQ(count("SELECT COUNT(*) FROM files"), 0);
  EXPECT_EQ(count("SELECT bytes FROM file_space"), 0);
  EXPECT_EQ(record(), (Record{"file.begin done", "file.cancel done"}));
  const auto whole = ciphertext(10);
  ASSERT_TRUE(send(whole, ann));
  EXPECT_EQ(code_of(files->cancel(ann, ward, whole.id)), "file-complete");
}

TEST_P(FilesTest, AbandonedUploadsGoAfterTheirTimeAndWholeFilesStay) {
  const auto whole = ciphertext(100);
  const auto abandoned = ciphertext(100);
  ASSERT_TRUE(send(whole, ann));
  ASSERT_TRUE(begin(abandoned, ann));
  ASSERT_TRUE(files->write(ann, ward, abandoned.id, {0, abandoned.bytes.size()},
                           ByteView(abandoned.bytes).first(50)));
  ASSERT_TRUE(files->purge());
  EXPECT_EQ(on_disk(), 2u);
  clock.advance(std::chrono::hours(25));
  ASSERT_TRUE(files->purge());
  EXPECT_EQ(on_disk(), 1u);
  EXPECT_EQ(count("SELECT COUNT(*) FROM files"), 1);
  EXPECT_EQ(count("SELECT bytes FROM file_space"), 100);
  EXPECT_EQ(record().back(), "system.file-expire done");
  EXPECT_TRUE(read(whole, ben));
}

// A kill between any two steps of `complete`: on disk under its digest, and the database does not say so.
TEST_P(FilesTest, Ops3AfterACrashBetweenDiskAndDatabaseTheUploadCanStillBeFinishedOrIsSweptAway) {
  const auto finished = ciphertext(100);
  const auto left = ciphertext(200);
  for (const auto* file : {&finished, &left}) {
    ASSERT_TRUE(begin(*file, ann));
    ASSERT_TRUE(files->write(ann, ward, file->id, {0, file->bytes.size()}, file->bytes));
    ASSERT_TRUE(folder->keep(file->id, file->bytes.size(), digest_of(file->bytes)));
  }
  restart({});
  EXPECT_EQ(code_of(read(finished, ben)), "file-not-found") << "not whole before the database says so";
  ASSERT_TRUE(files->complete(ann, ward, finished.id));
  EXPECT_TRUE(read(finished, ben));
  clock.advance(std::chrono::hours(25));
  ASSERT_TRUE(files->purge());
  EXPECT_EQ(on_disk(), 1u);
  EXPECT_TRUE(read(finished, ben));
}

TEST_P(FilesTest, Ops3WhatNoRowKnowsOfIsSweptAway) {
  const auto kept = ciphertext(10);
  ASSERT_TRUE(send(kept, ann));
  const auto stray = ciphertext(20);
  ASSERT_TRUE(folder->append(stray.id, 0, stray.bytes));
  ASSERT_TRUE(folder->keep(stray.id, 20, digest_of(stray.bytes)));
  ASSERT_TRUE(files->purge());
  EXPECT_EQ(on_disk(), 3u) << "nothing that is new: it may be under way";
  clock.advance(std::chrono::hours(49));
  ASSERT_TRUE(files->purge());
  EXPECT_EQ(on_disk(), 1u);
  EXPECT_TRUE(read(kept, ben));
}

TEST_P(FilesTest, TheSameCiphertextInTwoConversationsOutlivesOneThatIsGivenUp) {
  const auto file = ciphertext(100);
  ASSERT_TRUE(send(file, ann));
  ward = conversation({&ann, &ben});
  const Announced again{.bytes = file.bytes};
  ASSERT_TRUE(begin(again, ann));
  // Knowing the digest is not having the bytes.
  EXPECT_EQ(code_of(files->complete(ann, ward, again.id)), "upload-incomplete");
  ASSERT_TRUE(files->write(ann, ward, again.id, {0, again.bytes.size()}, again.bytes));
  ASSERT_TRUE(files->cancel(ann, ward, again.id));
  EXPECT_EQ(on_disk(), 1u);
}

TEST_P(FilesTest, PartsThatAFileDoesNotHaveAreRefused) {
  const auto file = ciphertext(100);
  ASSERT_TRUE(send(file, ann));
  EXPECT_EQ(code_of(files->read(ben, ward, file.id, 100, 100)), "range-not-satisfiable");
  EXPECT_EQ(code_of(files->read(ben, ward, file.id, 50, 49)), "range-not-satisfiable");
  EXPECT_EQ(files->read(ben, ward, file.id, 99, ~0ull)->bytes.size(), 1u);
}

}  // namespace
}  // namespace wardline::files
