#pragma once

#include <memory>
#include <string>

#include "common/mutex.h"
#include "ring/member_store.h"

namespace skald::ring {

// Members known to this process alone: all there is to a single process, and to tests.
//
// Threads: any thread may call. Readers share immutable rings.
class InMemoryMemberStore final : public MemberStore {
 public:
  InMemoryMemberStore();

  std::shared_ptr<const TokenRing> ring() const override;
  Status Put(Member member) override;
  Status Remove(const std::string& id) override;

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const TokenRing> ring_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::ring
