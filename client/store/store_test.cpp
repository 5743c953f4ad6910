// A device's state on disk as its owner, a thief and a crash meet it.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "client/store/private_file.h"
#include "client/store/profile.h"
#include "client/store/sealed_store.h"
#include "client/store/store_key.h"
#include "lib/bytes/text.h"
#include "lib/crypto/random.h"

namespace wardline::client {
namespace {

namespace fs = std::filesystem;

Bytes key_of(std::string_view text) { return to_bytes(as_bytes(text)); }
SecretBytes value_of(std::string_view text) { return SecretBytes(as_bytes(text)); }

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "wardline-store-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    file_ = folder_ / "state.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  SealedStore open() {
    auto store = SealedStore::open(file_, key_);
    if (!store) throw std::runtime_error("the store does not open");
    return std::move(*store);
  }
  void put(Table table, std::string_view key, std::string_view value) {
    auto store = open();
    Changes changes;
    changes.put(table, key_of(key), value_of(value));
    ASSERT_TRUE(store.write(changes));
  }
  void run_sql(const std::string& sql) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  std::string bytes_on_disk() const {
    std::string all;
    for (const auto& each : fs::directory_iterator(folder_)) {
      std::ifstream stream(each.path(), std::ios::binary);
      all.append((std::istreambuf_iterator<char>(stream)), {});
    }
    return all;
  }

  fs::path folder_;
  fs::path file_;
  const SecretBytes key_ = crypto::random_secret(32);
};

TEST_F(StoreTest, WhatWasWrittenIsThereAfterItWasClosed) {
  put(Table::conversations, "a", "one");
  put(Table::conversations, "a", "two");
  auto store = open();
  EXPECT_EQ(as_text((*store.get(Table::conversations, key_of("a")))->view()), "two");
  EXPECT_FALSE(*store.get(Table::messages, key_of("a")));
  Changes changes;
  changes.remove(Table::conversations, key_of("a"));
  ASSERT_TRUE(store.write(changes));
  EXPECT_FALSE(*store.get(Table::conversations, key_of("a")));
}

TEST_F(StoreTest, RangesAreReadInOrderBothWaysAndBounded) {
  auto store = open();
  Changes changes;
  for (const char* key : {"b", "d", "a", "c"}) changes.put(Table::messages, key_of(key), value_of(key));
  ASSERT_TRUE(store.write(changes));
  const auto keys = [&](const Range& range) {
    std::string all;
    for (const Row& row : *store.list(Table::messages, range)) all += as_text(row.value.view());
    return all;
  };
  EXPECT_EQ(keys({}), "abcd");
  EXPECT_EQ(keys({key_of("b"), key_of("c")}), "bc");
  EXPECT_EQ(keys({key_of("b"), {}, Order::descending, 2}), "dc");
}

TEST_F(StoreTest, Dev2NothingReadableIsOnDisk) {
  put(Table::messages, "key", "Potassium 5.9 planted");
  EXPECT_EQ(bytes_on_disk().find("planted"), std::string::npos);
  EXPECT_EQ(bytes_on_disk().find(as_text(key_.view())), std::string::npos);
}

TEST_F(StoreTest, Dev2WithoutTheServersHalfOfTheKeyItStaysShut) {
  const auto local = crypto::random_secret(32);
  const auto share = crypto::random_secret(32);
  const auto right = derive_store_key(local, share, StorePurpose::records);
  ASSERT_TRUE(SealedStore::open(file_, right));
  ASSERT_TRUE(SealedStore::open(file_, right));
  EXPECT_EQ(
      SealedStore::open(file_, derive_store_key(local, crypto::random_secret(32), StorePurpose::records))
          .error(),
      StoreError::does_not_open);
  EXPECT_EQ(
      SealedStore::open(file_, derive_store_key(crypto::random_secret(32), share, StorePurpose::records))
          .error(),
      StoreError::does_not_open);
  EXPECT_EQ(SealedStore::open(file_, derive_store_key(local, share, StorePurpose::mls)).error(),
            StoreError::does_not_open);
}

TEST_F(StoreTest, AValueThatWasMovedOrChangedDoesNotOpen) {
  put(Table::messages, "a", "one");
  put(Table::messages, "b", "two");
  put(Table::outbox, "a", "three");
  const std::string from_b = "(SELECT value FROM records WHERE kind = 6 AND key = x'62')";
  run_sql("UPDATE records SET value = " + from_b + " WHERE kind = 6 AND key = x'61'");
  EXPECT_EQ(open().get(Table::messages, key_of("a")).error(), StoreError::does_not_open);
  run_sql("UPDATE records SET value = " + from_b + " WHERE kind = 5");
  EXPECT_EQ(open().get(Table::outbox, key_of("a")).error(), StoreError::does_not_open);
  EXPECT_TRUE(open().get(Table::messages, key_of("b")));
  run_sql("UPDATE records SET value = x'00' WHERE kind = 6 AND key = x'62'");
  EXPECT_EQ(open().list(Table::messages).error(), StoreError::does_not_open);
}

TEST_F(StoreTest, IsForItsOwnerOnlyAndRefusesAFileThatIsNot) {
  put(Table::facts, "a", "one");
  EXPECT_EQ(fs::status(file_).permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
  fs::permissions(file_, fs::perms::group_read, fs::perm_options::add);
  EXPECT_EQ(SealedStore::open(file_, key_).error(), StoreError::too_open);
}

TEST_F(StoreTest, ANewerVersionsFileIsLeftAlone) {
  put(Table::facts, "a", "one");
  run_sql("PRAGMA user_version = 99");
  EXPECT_EQ(SealedStore::open(file_, key_).error(), StoreError::newer_version);
}

// One transaction writes both rows, again and again; the writer is killed at some moment, and both must
// agree.
TEST_F(StoreTest, AKilledWriterLeavesAllOfAWriteOrNothing) {
  put(Table::facts, "start", "");
  for (int round = 0; round < 5; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      auto store = open();
      for (int i = 0;; ++i) {
        Changes changes;
        changes.put(Table::mls, key_of("ratchet"), value_of(std::to_string(i)));
        changes.put(Table::messages, key_of("message"), value_of(std::to_string(i)));
        if (!store.write(changes)) _exit(1);
      }
    }
    usleep(20'000 + 7'000 * round);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    auto store = open();
    const auto ratchet = store.get(Table::mls, key_of("ratchet"));
    const auto message = store.get(Table::messages, key_of("message"));
    ASSERT_TRUE(ratchet && message);
    ASSERT_EQ(ratchet->has_value(), message->has_value());
    if (*ratchet) EXPECT_EQ(as_text((*ratchet)->view()), as_text((*message)->view()));
  }
}

TEST_F(StoreTest, OneProcessHasAProfile) {
  const fs::path folder = folder_ / "profile";
  {
    const auto first = Profile::open(folder);
    ASSERT_TRUE(first);
    EXPECT_EQ(Profile::open(folder).error(), StoreError::in_use);
  }
  EXPECT_TRUE(Profile::open(folder));
  fs::permissions(folder, fs::perms::others_exec, fs::perm_options::add);
  EXPECT_EQ(Profile::open(folder).error(), StoreError::too_open);
}

TEST_F(StoreTest, AProfileRemembersItsDeviceUntilItIsErased) {
  auto profile = Profile::open(folder_ / "profile");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->device().error(), StoreError::absent);
  ASSERT_TRUE(profile->keep_device(
      {"https://a", "user", "device", value_of("key"), value_of("half"), {key_of("leaf")}}));
  ASSERT_TRUE(profile->keep_session("name=value"));
  const auto device = profile->device();
  ASSERT_TRUE(device);
  EXPECT_EQ(device->device_id, "device");
  EXPECT_EQ(as_text(device->local_secret.view()), "half");
  EXPECT_EQ(profile->session(), "name=value");
  for (const char* name : {"device", "session", "lock"})
    EXPECT_EQ(fs::status(folder_ / "profile" / name).permissions() & fs::perms::all,
              fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(profile->erase());
  EXPECT_EQ(profile->device().error(), StoreError::absent);
  EXPECT_EQ(profile->session(), "");
}

}  // namespace
}  // namespace wardline::client
