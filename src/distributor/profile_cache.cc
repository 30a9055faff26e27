#include "distributor/profile_cache.h"

#include <string>
#include <utility>

#include "common/bytes.h"

namespace skald::distributor {

Result<std::shared_ptr<const StreamProfile>> ProfileCache::Get(const PushRules& rules,
                                                               uint64_t rules_id,
                                                               const StreamContext& context,
                                                               const model::PushStream& stream) {
  thread_local std::string key;
  key.clear();
  PutVarint(key, rules_id);
  PutLengthPrefixed(key, context.policy);
  PutLengthPrefixed(key, context.backfill_shard);
  const bool parsed = stream.labels != nullptr;
  key.push_back(parsed ? 'p' : 't');
  key.append(parsed ? stream.labels->encoded() : stream.label_text);
  if (auto known = profiles_.Get(key)) return known;

  SKALD_ASSIGN_OR_RETURN(StreamProfile made, MakeStreamProfile(rules, context, stream));
  const size_t charge = sizeof(StreamProfile) + sizeof(StreamShards) + 2 * key.size() +
                        made.labels->encoded().size() + made.refusal_message.size() +
                        made.missing_labels.size();
  auto profile = std::make_shared<const StreamProfile>(std::move(made));
  profiles_.Put(key, profile, charge);
  return profile;
}

}  // namespace skald::distributor
