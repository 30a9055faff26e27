#include "app/process_memory.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "common/duration.h"
#include "common/logging.h"
#include "common/memory_size.h"
#include "common/status.h"

namespace skald::app {
namespace {

// The rest is for what is not counted.
uint64_t AllOf(const AppConfig& config) {
  return config.memory_bytes != 0 ? config.memory_bytes : MemoryBytes() / 4 * 3;
}

// 0 is for a setting without a bound.
uint64_t AtMost(uint64_t setting, uint64_t share) {
  return setting == 0 ? share : std::min(setting, share);
}

void TellIfCut(std::string_view name, uint64_t setting, uint64_t share) {
  if (setting == 0 || share >= setting) return;
  LogInfo("a part gets less memory than is set, by its share of common.memory_bytes",
          {{"setting", name}, {"set", FormatIecBytes(setting)}, {"share", FormatIecBytes(share)}});
}

Status TooMuch(uint64_t all) {
  return Unavailable("queries and what is pushed would together hold more than " +
                     FormatIecBytes(all) +
                     " in memory (common.memory_bytes); try again later, or ask for less");
}

}  // namespace

MemoryShares ShareMemory(const AppConfig& config, uint64_t all) {
  MemoryShares shares;
  shares.all = all;
  shares.entries = AtMost(config.ingester.memory_bytes, all / 8);
  shares.streams = AtMost(config.ingester.stream_memory_bytes, all / 4);
  shares.patterns = AtMost(config.patterns.memory_bytes, all / 32);
  shares.block_cache = std::min(config.chunk_cache_bytes, all / 4);
  shares.queries = AtMost(config.query_memory_bytes, all);
  shares.pack = std::min(config.compactor.job.pack_bytes, all / 16);
  return shares;
}

MemoryShares ShareMemory(const AppConfig& config) {
  const MemoryShares shares = ShareMemory(config, AllOf(config));
  TellIfCut("ingester.memory_bytes", config.ingester.memory_bytes, shares.entries);
  TellIfCut("ingester.stream_memory_bytes", config.ingester.stream_memory_bytes, shares.streams);
  TellIfCut("pattern_ingester.memory_bytes", config.patterns.memory_bytes, shares.patterns);
  TellIfCut("chunk_store_config.cache_bytes", config.chunk_cache_bytes, shares.block_cache);
  TellIfCut("querier.memory_bytes", config.query_memory_bytes, shares.queries);
  return shares;
}

ProcessMemory::ProcessMemory(const MemoryShares& shares)
    : shares_(shares), budget_(shares.all, TooMuch(shares.all), *this) {}

void ProcessMemory::AddWriter(std::function<uint64_t()> held) {
  const MutexLock lock(mutex_);
  writers_.push_back(std::move(held));
}

void ProcessMemory::AddCache(std::function<void(uint64_t bytes)> shrink) {
  const MutexLock lock(mutex_);
  caches_.push_back(std::move(shrink));
}

uint64_t ProcessMemory::HeldBytes() const {
  uint64_t bytes = 0;
  const MutexLock lock(mutex_);
  for (const auto& held : writers_) bytes += held();
  return bytes;
}

void ProcessMemory::GiveWay(uint64_t bytes) {
  std::vector<std::function<void(uint64_t)>> caches;
  {
    const MutexLock lock(mutex_);
    caches = caches_;  // They may take of the budget meanwhile, which asks HeldBytes.
  }
  for (const auto& shrink : caches) shrink(bytes);
}

}  // namespace skald::app
