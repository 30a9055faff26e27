#include "ruler/tenant_turns.h"

#include <utility>

namespace skald::ruler {

void TenantTurns::Submit(const std::string& tenant, std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    waiting_.Push(tenant, std::move(task));
  }
  threads_.Submit([this] { RunNext(); });
}

void TenantTurns::Continue(const std::string& tenant, std::function<void()> task) {
  {
    const MutexLock lock(mutex_);
    waiting_.PushNext(tenant, std::move(task));
  }
  threads_.Submit([this] { RunNext(); });
}

// Each task was submitted with a call of this, though not of the same tenant.
void TenantTurns::RunNext() {
  std::function<void()> task;
  {
    const MutexLock lock(mutex_);
    task = waiting_.Pop().second;
  }
  task();
}

}  // namespace skald::ruler
