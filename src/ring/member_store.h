#pragma once

#include <memory>

#include "common/status.h"
#include "ring/token_ring.h"

namespace skald::ring {

// Who is in the ring: kept in this process, or in etcd.
//
// Threads: any thread may call.
class MemberStore {
 public:
  virtual ~MemberStore() = default;

  // The ring as last seen; never null. Does not block: a store that is far away follows it in the
  // background.
  virtual std::shared_ptr<const TokenRing> ring() const = 0;

  // Adds `member`, or replaces the one with its id. May block. kUnavailable when the store cannot
  // be reached.
  virtual Status Put(Member member) = 0;
  // Takes a member out; OK when it was not there. May block. kUnavailable as above.
  virtual Status Remove(const std::string& id) = 0;
};

}  // namespace skald::ring
