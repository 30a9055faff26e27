#include "chunkstore/cache_metrics.h"

namespace skald::chunkstore {

CacheMetrics::CacheMetrics(const std::string& name)
    : entries_(Metrics::GetGauge("loki_embeddedcache_entries", "Values that a cache holds.",
                                 {{"cache", name}})),
      bytes_(Metrics::GetGauge("loki_embeddedcache_memory_bytes", "Bytes that a cache holds.",
                               {{"cache", name}})),
      lookups_(Metrics::GetCounter("loki_cache_fetched_keys", "What a cache was asked for.",
                                   {{"name", name}})),
      hits_(Metrics::GetCounter("loki_cache_hits", "What a cache was asked for, and had.",
                                {{"name", name}})) {}

void CacheMetrics::CountLookup(bool hit) const {
  lookups_.Add();
  if (hit) hits_.Add();
}

}  // namespace skald::chunkstore
