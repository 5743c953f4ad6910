#include "server/core/burst.h"

namespace wardline::core {
namespace {

thread_local Burst* t_outermost = nullptr;

}  // namespace

Burst::Burst() : outer_(t_outermost) {
  if (outer_ == nullptr) t_outermost = this;
}

Burst::~Burst() {
  if (outer_ != nullptr) return;
  t_outermost = nullptr;
  for (auto& then : waiting_) then();
}

void Burst::at_end(std::move_only_function<void()> then) {
  if (t_outermost == nullptr) return then();
  t_outermost->waiting_.push_back(std::move(then));
}

}  // namespace wardline::core
