#include "chunkstore/compact/compaction_plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "chunkstore/pack_names.h"

namespace skald::chunkstore {
namespace {

using Packs = std::vector<ObjectEntry>;

// The smallest packs of a day, as many as go together without one that outweighs the rest.
Packs PickMerge(Packs small, const CompactionPolicy& policy) {
  std::ranges::stable_sort(small, {}, &ObjectEntry::bytes);
  Packs picked;
  uint64_t sum = 0;
  for (ObjectEntry& pack : small) {
    if (picked.size() >= policy.merge_packs && pack.bytes > sum) break;
    if (sum + pack.bytes > policy.job_bytes) break;
    sum += pack.bytes;
    picked.push_back(std::move(pack));
  }
  if (picked.size() < policy.merge_packs) return {};
  // The last may still be larger than all before it: then it waits for others of its size.
  while (!picked.empty() && picked.back().bytes > sum - picked.back().bytes) {
    sum -= picked.back().bytes;
    picked.pop_back();
  }
  return picked.size() < 2 ? Packs() : picked;
}

}  // namespace

std::vector<Packs> PlanCompaction(const Packs& packs, const CompactionPolicy& policy) {
  std::vector<Packs> jobs;
  std::map<Period, Packs> small_by_day;
  uint64_t bytes = 0;  // Of the last job.
  for (const ObjectEntry& pack : packs) {
    const std::optional<Period> day = CompactedDay(pack.key);
    if (day) {
      if (pack.bytes < policy.pack_bytes / 2) small_by_day[*day].push_back(pack);
      continue;
    }
    if (jobs.empty() || bytes + pack.bytes > policy.job_bytes) {
      jobs.emplace_back();
      bytes = 0;
    }
    bytes += pack.bytes;
    jobs.back().push_back(pack);
  }
  for (auto& [day, small] : small_by_day) {
    if (Packs merge = PickMerge(std::move(small), policy); !merge.empty()) {
      jobs.push_back(std::move(merge));
    }
  }
  return jobs;
}

}  // namespace skald::chunkstore
