#include "support/fault_plan.h"

#include <utility>

namespace skald::test {
namespace {

// Whether calls of kind `op` are among those that `wanted` means.
bool Means(FaultPlan::Op wanted, FaultPlan::Op op) {
  using Op = FaultPlan::Op;
  if (wanted == Op::kAny) return true;
  if (wanted != Op::kTakesRoom) return wanted == op;
  return op == Op::kCreate || op == Op::kAppend || op == Op::kSync || op == Op::kReserve ||
         op == Op::kMakeDirs || op == Op::kRename || op == Op::kLink;
}

}  // namespace

void FaultPlan::Inject(Fault fault) { faults_.push_back(std::move(fault)); }

void FaultPlan::FailFromCall(int calls) { calls_left_ = calls; }

void FaultPlan::Clear() {
  faults_.clear();
  calls_left_ = std::numeric_limits<int>::max();
}

int FaultPlan::calls(Op op) const {
  int sum = 0;
  for (const auto& [made, count] : calls_) sum += Means(op, made) ? count : 0;
  return sum;
}

Status FaultPlan::Enter(Op op, const std::string& path, size_t* short_bytes) {
  ++calls_[op];
  if (calls_left_ == 0) return Unavailable(path + ": the power has failed");
  if (calls_left_ < std::numeric_limits<int>::max()) --calls_left_;
  for (Fault& fault : faults_) {
    if (!Means(fault.op, op) || path.find(fault.path_contains) == std::string::npos) continue;
    if (fault.after > 0) {
      --fault.after;
    } else if (fault.times > 0) {
      --fault.times;
      if (short_bytes != nullptr) *short_bytes = fault.short_bytes;
      return Status(fault.code, path + ": injected fault");
    }
  }
  return {};
}

}  // namespace skald::test
