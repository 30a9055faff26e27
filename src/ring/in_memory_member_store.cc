#include "ring/in_memory_member_store.h"

#include <algorithm>
#include <utility>

namespace skald::ring {

InMemoryMemberStore::InMemoryMemberStore() : ring_(std::make_shared<const TokenRing>()) {}

std::shared_ptr<const TokenRing> InMemoryMemberStore::ring() const {
  MutexLock lock(mutex_);
  return ring_;
}

Status InMemoryMemberStore::Put(Member member) {
  MutexLock lock(mutex_);
  std::vector<Member> members = ring_->members();
  const auto same = std::find_if(members.begin(), members.end(),
                                 [&](const Member& other) { return other.id == member.id; });
  if (same == members.end()) {
    members.push_back(std::move(member));
  } else {
    *same = std::move(member);
  }
  ring_ = std::make_shared<const TokenRing>(std::move(members));
  return {};
}

Status InMemoryMemberStore::Remove(const std::string& id) {
  MutexLock lock(mutex_);
  std::vector<Member> members = ring_->members();
  std::erase_if(members, [&](const Member& member) { return member.id == id; });
  ring_ = std::make_shared<const TokenRing>(std::move(members));
  return {};
}

}  // namespace skald::ring
