#include "server/audit/log_keys.h"

#include <gtest/gtest.h>

#include "server/audit/audit_world_test.h"
#include "server/storage/keys/file_kms.h"

namespace wardline::audit {
namespace {

class LogKeysTest : public support::OnEachEngine {
 protected:
  void SetUp() override {
    OnEachEngine::SetUp();
    if (IsSkipped()) return;
    world_ = std::make_unique<AuditWorld>(GetParam());
    kms_ = *storage::FileKms::create(world_->directory.path() / "kms.key");
  }
  std::unique_ptr<AuditWorld> world_;
  std::unique_ptr<storage::FileKms> kms_;
};
WARDLINE_ON_EACH_ENGINE(LogKeysTest);

TEST_P(LogKeysTest, AreMadeOnceAndStayAcrossARotationOfTheKms) {
  const auto first = load_log_key(*world_->database, *kms_, kAuditLog, "log.example");
  ASSERT_TRUE(first) << first.error().detail;
  const std::string verifier = first->verifier().to_text();
  const auto patient = core::new_id<core::PatientId>();
  const auto reference = load_patient_reference_key(*world_->database, *kms_)->of(patient);

  ASSERT_TRUE(kms_->rotate());
  ASSERT_TRUE(rewrap_keys(*world_->database, *kms_));
  EXPECT_EQ(load_log_key(*world_->database, *kms_, kAuditLog, "log.example")->verifier().to_text(), verifier);
  EXPECT_EQ(load_patient_reference_key(*world_->database, *kms_)->of(patient), reference);
  const auto stale = world_->database->read([&](storage::ReadTransaction& tx) -> core::Result<std::int64_t> {
    return *tx.query_value<std::int64_t>("SELECT COUNT(*) FROM audit_keys WHERE wrapping_key <> $1",
                                         kms_->current_key());
  });
  EXPECT_EQ(*stale, 0);
}

TEST_P(LogKeysTest, AnOriginThatNoNoteMayHaveIsRefused) {
  EXPECT_EQ(load_log_key(*world_->database, *kms_, kAuditLog, "two words").error().code,
            "audit-origin-invalid");
}

TEST_P(LogKeysTest, AnotherKmsDoesNotOpenThem) {
  ASSERT_TRUE(load_log_key(*world_->database, *kms_, kAuditLog, "log.example"));
  const auto other = *storage::FileKms::create(world_->directory.path() / "other.key");
  EXPECT_FALSE(load_log_key(*world_->database, *other, kAuditLog, "log.example"));
}

}  // namespace
}  // namespace wardline::audit
