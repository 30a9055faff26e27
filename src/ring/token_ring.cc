#include "ring/token_ring.h"

#include <algorithm>
#include <random>
#include <utility>

#include "common/hash.h"

namespace skald::ring {

std::string_view MemberStateName(MemberState state) {
  constexpr std::string_view kNames[] = {"PENDING", "JOINING", "ACTIVE", "LEAVING", "Unhealthy"};
  return kNames[static_cast<size_t>(state)];
}

TokenRing::TokenRing(std::vector<Member> members) : members_(std::move(members)) {
  for (uint32_t i = 0; i < members_.size(); ++i) {
    for (const uint32_t token : members_[i].tokens) places_.push_back({token, i});
  }
  // Of two members that took the same token the one whose id comes first has it, everywhere.
  std::sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) {
    if (a.token != b.token) return a.token < b.token;
    return members_[a.member].id < members_[b.member].id;
  });
}

std::vector<uint32_t> TokenRing::ReplicasOf(uint32_t key, size_t replicas) const {
  std::vector<uint32_t> chosen;
  if (places_.empty()) return chosen;
  const auto first =
      std::upper_bound(places_.begin(), places_.end(), key,
                       [](uint32_t k, const Place& place) { return k < place.token; });
  const auto begin = static_cast<size_t>(first - places_.begin());
  size_t wanted = replicas;
  for (size_t i = 0; i < places_.size() && chosen.size() < wanted; ++i) {
    const uint32_t member = places_[(begin + i) % places_.size()].member;
    if (std::find(chosen.begin(), chosen.end(), member) != chosen.end()) continue;
    chosen.push_back(member);
    if (members_[member].state != MemberState::kActive) ++wanted;
  }
  return chosen;
}

bool TokenRing::IsOwner(uint32_t key, std::string_view member_id) const {
  const std::vector<uint32_t> members = ReplicasOf(key, 1);
  if (members.empty()) return false;
  // One more for each that is not active: the last is the active one, if there is any.
  const bool active = members_[members.back()].state == MemberState::kActive;
  return members_[active ? members.back() : members.front()].id == member_id;
}

size_t TokenRing::CountInState(MemberState state) const {
  return static_cast<size_t>(
      std::count_if(members_.begin(), members_.end(),
                    [state](const Member& member) { return member.state == state; }));
}

std::vector<uint32_t> MakeTokens(size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> tokens;
  while (tokens.size() < count) {
    while (tokens.size() < count) tokens.push_back(static_cast<uint32_t>(random()));
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  }
  return tokens;
}

uint32_t NameKey(std::string_view tenant, std::string_view folder, std::string_view name) {
  const uint64_t hash = HashCombine(HashCombine(Hash64(tenant), Hash64(folder)), Hash64(name));
  return static_cast<uint32_t>(hash >> 32);
}

uint32_t StreamKey(std::string_view tenant, uint64_t fingerprint) {
  return static_cast<uint32_t>(HashCombine(Hash64(tenant), fingerprint) >> 32);
}

}  // namespace skald::ring
