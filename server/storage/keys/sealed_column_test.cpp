#include "server/storage/keys/sealed_column.h"

#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "server/storage/keys/file_kms.h"
#include "server/storage/migrations.h"
#include "tests/support/result.h"
#include "tests/support/test_database.h"

namespace wardline::storage {
namespace {

// ENC-3: an opened value cannot be bound as a parameter or logged, only sealed; and it cannot be copied.
static_assert(!std::is_constructible_v<Parameter, Unsealed>);
static_assert(!std::is_copy_constructible_v<Unsealed>);
static_assert(std::is_constructible_v<Parameter, Sealed>);

constexpr Migration kSchema[] = {
    {9001, "people",
     "CREATE TABLE people (id BYTES PRIMARY KEY, name BYTES, note BYTES, name_index BYTES);"}};

class SealedColumnTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    made_ = std::make_unique<support::TestDatabase>(GetParam(), gather({migrations(), kSchema}));
    kms_ = std::move(*FileKms::create(directory_.path() / "kms.key"));
  }
  Database& db() { return **made_; }

  template <class Work>
  auto write(Work work) {
    return db().write(work);
  }
  Sealed seal(const SealedColumn& column, const core::UserId& row, std::string_view text) {
    return *write(
        [&](Transaction& tx) -> core::Result<Sealed> { return column.seal(tx, tenant_, row.view(), text); });
  }
  core::Result<std::string> open(const SealedColumn& column, const core::UserId& row, const Sealed& sealed) {
    return db().read([&](ReadTransaction& tx) -> core::Result<std::string> {
      auto opened = column.open(tx, row.view(), sealed);
      if (!opened) return std::unexpected(opened.error());
      return std::string(opened->text());
    });
  }
  void run(std::function<void(Transaction&)> work) {
    ASSERT_TRUE(write([&](Transaction& tx) -> core::Result<void> {
      work(tx);
      return {};
    }));
  }
  std::int64_t keys_stored() {
    return *db().read([](ReadTransaction& tx) -> core::Result<std::int64_t> {
      return *tx.query_value<std::int64_t>("SELECT count(*) FROM data_keys");
    });
  }

  support::TemporaryDirectory directory_;
  std::unique_ptr<support::TestDatabase> made_;
  std::unique_ptr<FileKms> kms_;
  core::ManualClock clock_;
  Bytes tenant_{1};
  KeyRing* ring() {
    if (!ring_) ring_ = std::make_unique<KeyRing>(*kms_, clock_);
    return ring_.get();
  }
  std::unique_ptr<KeyRing> ring_;
  core::UserId row_ = core::new_id<core::UserId>();
  core::UserId other_row_ = core::new_id<core::UserId>();
};
WARDLINE_ON_EACH_ENGINE(SealedColumnTest);

TEST_P(SealedColumnTest, AValueOpensWhereItWasSealedAlsoAfterARestart) {
  const SealedColumn name(*ring(), "people", "people", "name");
  run([&](Transaction& tx) {
    tx.execute("INSERT INTO people (id, name) VALUES ($1, $2)", row_,
               name.seal(tx, tenant_, row_.view(), "Erika Mustermann"));
  });
  KeyRing restarted(*kms_, clock_);
  const SealedColumn again(restarted, "people", "people", "name");
  const auto read = db().read([&](ReadTransaction& tx) -> core::Result<std::string> {
    const Rows rows = tx.query("SELECT name FROM people WHERE id = $1", row_);
    auto opened = again.open(tx, row_.view(), rows.front().get<Sealed>(0));
    if (!opened) return std::unexpected(opened.error());
    return std::string(opened->text());
  });
  EXPECT_EQ(read, "Erika Mustermann");
}

TEST_P(SealedColumnTest, AValueMovedToAnotherRowColumnOrTableDoesNotOpen) {
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed sealed = seal(name, row_, "Erika");
  EXPECT_EQ(open(name, row_, sealed), "Erika");
  EXPECT_EQ(support::code_of(open(name, other_row_, sealed)), "sealed-value-damaged");
  EXPECT_EQ(support::code_of(open(SealedColumn(*ring(), "people", "people", "note"), row_, sealed)),
            "sealed-value-damaged");
  EXPECT_EQ(support::code_of(open(SealedColumn(*ring(), "people", "staff", "name"), row_, sealed)),
            "sealed-value-damaged");
}

TEST_P(SealedColumnTest, EveryAlteredBitIsNoticed) {
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed sealed = seal(name, row_, "Erika");
  for (std::size_t bit = 0; bit < sealed.stored().size() * 8; ++bit) {
    Bytes bytes = to_bytes(sealed.stored());
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(open(name, row_, Sealed::from_stored(bytes))) << bit;
  }
  EXPECT_FALSE(open(name, row_, Sealed::from_stored({})));
}

TEST_P(SealedColumnTest, NothingReadableIsStored) {
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed a = seal(name, row_, "Erika Mustermann");
  const Sealed b = seal(name, row_, "Erika Mustermann");
  EXPECT_EQ(as_text(a.stored()).find("Erika"), std::string::npos);
  EXPECT_FALSE(equal(a.stored(), b.stored())) << "equal values must not look equal";
}

// NIST SP 800-38D §8.2: nonces are drawn ahead, several at a time; none may come twice.
TEST_P(SealedColumnTest, NoTwoValuesOfAKeyShareANonce) {
  const SealedColumn name(*ring(), "people", "people", "name");
  std::set<Bytes> nonces;
  run([&](Transaction& tx) {
    for (int i = 0; i < 100; ++i) {
      const Sealed sealed = name.seal(tx, tenant_, row_.view(), "Erika");
      nonces.insert(to_bytes(sealed.stored().subspan(1 + 8, 12)));  // Behind version and key id.
    }
  });
  EXPECT_EQ(nonces.size(), 100u);
}

TEST_P(SealedColumnTest, RotationSealsWithAFreshKeyAndStillOpensTheOld) {
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed old = seal(name, row_, "Erika");
  run([&](Transaction& tx) { ring()->rotate(tx, "people", tenant_); });
  const Sealed fresh = seal(name, row_, "Erika");
  EXPECT_NE(DataKey::id_of(old.stored()), DataKey::id_of(fresh.stored()));
  EXPECT_EQ(open(name, row_, old), "Erika");
  EXPECT_EQ(open(name, row_, fresh), "Erika");
  run([&](Transaction& tx) {
    EXPECT_TRUE(name.is_stale(tx, tenant_, old));
    EXPECT_FALSE(name.is_stale(tx, tenant_, fresh));
  });
}

// ENC-4: rotation of the KMS key without downtime.
TEST_P(SealedColumnTest, DataKeysAreWrappedAgainAfterTheKmsRotates) {
  const SealedColumn name(*ring(), "people", "people", "name");
  std::vector<Sealed> sealed;
  for (std::uint8_t tenant = 0; tenant < 5; ++tenant) {
    sealed.push_back(*write([&](Transaction& tx) -> core::Result<Sealed> {
      return name.seal(tx, Bytes{tenant}, row_.view(), "x");
    }));
  }
  ASSERT_TRUE(kms_->rotate());
  run([&](Transaction& tx) { EXPECT_EQ(ring()->rewrap(tx, 3), 3u); });
  run([&](Transaction& tx) { EXPECT_EQ(ring()->rewrap(tx, 3), 2u); });
  run([&](Transaction& tx) { EXPECT_EQ(ring()->rewrap(tx, 3), 0u); });
  KeyRing restarted(*kms_, clock_);
  for (const Sealed& one : sealed)
    EXPECT_EQ(open(SealedColumn(restarted, "people", "people", "name"), row_, one), "x");
}

// MSG-3: what a destroyed key sealed is gone, on every node at the latest when its cache runs out.
TEST_P(SealedColumnTest, ShreddingAScopeDestroysItsValuesAndNoOthers) {
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed doomed = seal(name, row_, "Erika");
  const Sealed kept = *write(
      [&](Transaction& tx) -> core::Result<Sealed> { return name.seal(tx, Bytes{2}, row_.view(), "Hans"); });
  KeyRing other_node(*kms_, clock_);
  const SealedColumn there(other_node, "people", "people", "name");
  EXPECT_EQ(open(there, row_, doomed), "Erika");

  run([&](Transaction& tx) { EXPECT_EQ(ring()->shred(tx, "people", tenant_), 1u); });
  EXPECT_EQ(support::code_of(open(name, row_, doomed)), "shredded");
  EXPECT_EQ(open(name, row_, kept), "Hans");
  clock_.advance(KeyRing::kCacheTime);
  EXPECT_EQ(support::code_of(open(there, row_, doomed)), "shredded");
  EXPECT_EQ(open(there, row_, kept), "Hans");
}

TEST_P(SealedColumnTest, AKeyThatWasRolledBackSealsNothingLater) {
  const SealedColumn name(*ring(), "people", "people", "name");
  static_cast<void>(write([&](Transaction& tx) -> core::Result<void> {
    static_cast<void>(name.seal(tx, tenant_, row_.view(), "Erika"));
    static_cast<void>(name.seal(tx, tenant_, row_.view(), "Erika"));
    return core::fail(core::ErrorKind::denied, "no", "No.");
  }));
  EXPECT_EQ(keys_stored(), 0);
  const Sealed sealed = seal(name, row_, "Erika");
  EXPECT_EQ(keys_stored(), 1);
  KeyRing restarted(*kms_, clock_);
  EXPECT_EQ(open(SealedColumn(restarted, "people", "people", "name"), row_, sealed), "Erika");
}

TEST_P(SealedColumnTest, ThreadsThatSealFirstAgreeOnOneKey) {
  const SealedColumn name(*ring(), "people", "people", "name");
  std::vector<std::thread> threads;
  std::atomic<int> opened = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        if (open(name, row_, seal(name, row_, "Erika")) == "Erika") ++opened;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 40);
  EXPECT_EQ(keys_stored(), 1);
}

TEST_P(SealedColumnTest, TheWrongKeyFileIsNoticedAtStart) {
  EXPECT_TRUE(ring()->verify(db())) << "a fresh database has no keys";
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed sealed = seal(name, row_, "Erika");
  EXPECT_TRUE(ring()->verify(db()));
  auto wrong = std::move(*FileKms::create(directory_.path() / "wrong.key"));
  KeyRing foreign(*wrong, clock_);
  const auto refused = foreign.verify(db());
  ASSERT_FALSE(refused);
  EXPECT_EQ(support::code_of(refused), "wrong-kms-key");
  EXPECT_EQ(support::code_of(open(SealedColumn(foreign, "people", "people", "name"), row_, sealed)),
            "keys-unavailable");
}

TEST_P(SealedColumnTest, WrappedKeysThatChangedPlacesDoNotUnwrap) {
  const SealedColumn name(*ring(), "people", "people", "name");
  const Sealed mine = seal(name, row_, "Erika");
  const Sealed hers = *write(
      [&](Transaction& tx) -> core::Result<Sealed> { return name.seal(tx, Bytes{2}, row_.view(), "Hans"); });
  run([&](Transaction& tx) {
    const Bytes one = *tx.query_value<Bytes>("SELECT wrapped FROM data_keys WHERE scope = $1", Bytes{1});
    tx.execute("UPDATE data_keys SET wrapped = $1 WHERE scope = $2", one, Bytes{2});
  });
  KeyRing restarted(*kms_, clock_);
  const SealedColumn again(restarted, "people", "people", "name");
  EXPECT_EQ(open(again, row_, mine), "Erika");
  EXPECT_EQ(support::code_of(open(again, row_, hers)), "keys-unavailable");
}

TEST_P(SealedColumnTest, ABlindIndexFindsEqualValuesAndGuessesNothing) {
  const BlindIndex index(*ring(), "people-index", "people", "name", Normalise::folded);
  const auto find = [&](const BlindIndex& by, ByteView tenant, std::string_view text) {
    return *db().read([&](ReadTransaction& tx) -> core::Result<std::size_t> {
      const auto value = by.find(tx, tenant, text);
      return value ? tx.query("SELECT id FROM people WHERE name_index = $1", *value).size() : 0;
    });
  };
  EXPECT_EQ(find(index, tenant_, "erika mustermann"), 0u) << "before there is a key";
  run([&](Transaction& tx) {
    tx.execute("INSERT INTO people (id, name_index) VALUES ($1, $2)", row_,
               index.value(tx, tenant_, "Erika  Mustermann "));
  });
  EXPECT_EQ(find(index, tenant_, " erika MUSTERMANN"), 1u);
  EXPECT_EQ(find(index, tenant_, "erikamustermann"), 0u);
  run([&](Transaction& tx) { static_cast<void>(index.value(tx, Bytes{2}, "x")); });
  EXPECT_EQ(find(index, Bytes{2}, "erika mustermann"), 0u) << "tenants do not share values";
  EXPECT_EQ(find(BlindIndex(*ring(), "people-index", "people", "note", Normalise::folded), tenant_,
                 "erika mustermann"),
            0u);
}

TEST_P(SealedColumnTest, NumbersAreFoundWhateverTheirSeparators) {
  const BlindIndex index(*ring(), "people-index", "people", "mrn", Normalise::digits);
  run([&](Transaction& tx) {
    EXPECT_EQ(index.value(tx, tenant_, "12-34 56"), index.value(tx, tenant_, "123456"));
    EXPECT_NE(index.value(tx, tenant_, "123456"), index.value(tx, tenant_, "123457"));
    EXPECT_EQ(index.value(tx, tenant_, "1").size(), 16u);
  });
}

TEST(SealedColumnOnSqlite, AShreddedKeyIsNotLeftInTheDatabaseFile) {
  support::TemporaryDirectory directory;
  support::TestDatabase database(Engine::sqlite, gather({migrations()}));
  auto kms = std::move(*FileKms::create(directory.path() / "kms.key"));
  core::ManualClock clock;
  KeyRing ring(*kms, clock);
  Bytes wrapped;
  ASSERT_TRUE(database->write([&](Transaction& tx) -> core::Result<void> {
    static_cast<void>(ring.sealing_key(tx, "p", Bytes{1}));
    wrapped = *tx.query_value<Bytes>("SELECT wrapped FROM data_keys");
    return {};
  }));
  ASSERT_TRUE(database->write([&](Transaction& tx) -> core::Result<void> {
    ring.shred(tx, "p", Bytes{1});
    return {};
  }));
  database.close();  // Checkpoints and removes the log.
  std::ifstream in(database.config().file);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(file.find(as_text(wrapped)), std::string::npos);
  EXPECT_GT(file.size(), 4096u);
}

}  // namespace
}  // namespace wardline::storage
