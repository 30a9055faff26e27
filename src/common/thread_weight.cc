#include "common/thread_weight.h"

#include <sys/resource.h>
#include <unistd.h>

namespace skald {

void SetWeightOfThisThread(ThreadWeight weight) {
  if (weight == ThreadWeight::kRequests) return;
  // Named by its own id, a thread is meant, not the process.
  const auto self = static_cast<id_t>(gettid());
  const int level = getpriority(PRIO_PROCESS, self) + static_cast<int>(weight);
  (void)setpriority(PRIO_PROCESS, self, level);  // Beyond the last level it is the last.
}

}  // namespace skald
