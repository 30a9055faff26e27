#include "chunkstore/index/step_check.h"

namespace skald::chunkstore {

Status StepCheck::Check(uint64_t more) {
  if (!cancel) return {};
  const uint64_t before = steps.fetch_add(more, std::memory_order_relaxed);
  const bool due = before % kStepsPerCheck == 0 || before % kStepsPerCheck + more > kStepsPerCheck;
  return due ? cancel->Check() : Status();
}

}  // namespace skald::chunkstore
