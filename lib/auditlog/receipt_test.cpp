#include "lib/auditlog/receipt.h"

#include <gtest/gtest.h>

#include "lib/auditlog/memory_log_test.h"

namespace wardline::auditlog {
namespace {

using std::string_view_literals::operator""sv;

TEST(AuditReceipt, OfEveryEntryVerifiesWithoutTheLog) {
  MemoryLog log({600});
  for (std::uint64_t entry = 0; entry < 600; entry += 17) {
    const auto receipt = make_receipt(log, log.trust(), entry);
    ASSERT_TRUE(receipt);
    const auto verified = verify_receipt(*receipt, log.trust());
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->entry, entry);
    EXPECT_EQ(verified->text, log.entries[entry]);
    EXPECT_EQ(verified->checkpoint.size, 600u);
  }
}

TEST(AuditReceipt, AnyByteChangedRemovedOrAddedBreaksIt) {
  MemoryLog log({600});
  const std::string good = *make_receipt(log, log.trust(), 300);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(verify_receipt(bad, log.trust())) << bad;
    bad = good;
    bad.erase(i, 1);
    EXPECT_FALSE(verify_receipt(bad, log.trust())) << bad;
    bad = good;
    bad.insert(i, "A");
    EXPECT_FALSE(verify_receipt(bad, log.trust())) << bad;
  }
}

TEST(AuditReceipt, EntriesAreFoundByTheirId) {
  MemoryLog log({600});
  for (const std::uint64_t entry : {0u, 255u, 256u, 599u}) {
    EXPECT_EQ(find_entry(log, log.trust(), MemoryLog::id(entry)), entry);
  }
  EXPECT_FALSE(find_entry(log, log.trust(), MemoryLog::id(600)));
  EXPECT_FALSE(find_entry(log, log.trust(), ""));
}

TEST(AuditReceipt, IsNotMadeFromADamagedLog) {
  MemoryLog log({600});
  EXPECT_EQ(make_receipt(log, log.trust(), 600).error().problem,
            "the log has 600 signed entries, counted from 0");
  for (const auto* path :
       {"checkpoint", "tile/entries/001", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"}) {
    MemoryLog damaged({600});
    damaged.files[path][path == "tile/entries/001"sv ? 130 : 20] ^= 1;
    EXPECT_FALSE(make_receipt(damaged, damaged.trust(), 257)) << path;
    damaged.files.erase(path);
    EXPECT_FALSE(make_receipt(damaged, damaged.trust(), 257)) << path;
  }
}

TEST(AuditReceipt, SaysWhatIsWrongWithOneOfAnotherLog) {
  MemoryLog log({20});
  const std::string receipt = *make_receipt(log, log.trust(), 3);
  const auto other = *merkle::NoteSigner::generate("log.example", merkle::NoteKeyType::ed25519);
  EXPECT_EQ(to_text(verify_receipt(receipt, {other.verifier()}).error()),
            "the receipt: it is not signed by this log's key");
  const auto witness = *merkle::NoteSigner::generate("w.example", merkle::NoteKeyType::cosignature);
  EXPECT_EQ(to_text(verify_receipt(receipt, {log.signer.verifier(), {witness.verifier()}}).error()),
            "the receipt: witness w.example has not signed it");
}

}  // namespace
}  // namespace wardline::auditlog
