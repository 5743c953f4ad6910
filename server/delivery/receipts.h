// Delivered, read and acknowledged, as high-water marks per device and per person (MSG-1, LESSONS 33).
#pragma once

#include <functional>

#include "server/delivery/parts.h"
#include "server/storage/group_commit.h"

namespace wardline::delivery {

using ReceiptDone = std::move_only_function<void(core::Result<void>)>;

class Receipts {
 public:
  explicit Receipts(const DeliveryParts& parts);

  /// Raises the caller's marks; a mark that is lower than the one there changes nothing. Reading implies
  /// delivery, and acknowledging implies reading. An error means that `done` is never called; else it is
  /// called once, after the marks are durable. Errors: "conversation-not-found",
  /// "receipt-ahead" (a mark beyond what this device can have seen).
  core::Result<void> record(const policy::Subject& subject, core::ConversationId conversation,
                            ReceiptMarks marks, ReceiptDone done);

 private:
  struct Item {
    policy::Subject subject;
    core::ConversationId conversation;
    ReceiptMarks marks;
  };
  struct Nothing {};

  std::vector<core::Result<Nothing>> write(storage::Transaction& tx, std::span<const Item> items);
  core::Result<Nothing> write_one(storage::Transaction& tx, const Item& item);

  DeliveryParts parts_;
  storage::GroupCommit<Item, Nothing> commits_;
};

}  // namespace wardline::delivery
