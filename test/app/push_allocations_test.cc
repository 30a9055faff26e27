// What a push allocates, from its body to the log and memory: by stream and as buffers grow, but
// not by entry. In a binary of its own, as it counts all calls of operator new.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "app/server_parts.h"
#include "common/compress.h"
#include "common/logging.h"
#include "support/manual_clock.h"
#include "support/matchers.h"
#include "support/push_message.h"
#include "wire/push_request.h"

namespace {

// Of this thread alone: full blocks are compressed by others.
thread_local uint64_t allocations = 0;

void* Allocate(size_t bytes) {
  ++allocations;
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* AllocateAligned(size_t bytes, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<size_t>(alignment);
  void* const memory = std::aligned_alloc(align, (bytes + align - 1) / align * align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// Kept apart, as gcc without much optimisation takes free() inlined where new is called for a
// mismatch.
[[gnu::noinline]] void Free(void* memory) { std::free(memory); }

}  // namespace

void* operator new(size_t bytes) { return Allocate(bytes); }
void* operator new[](size_t bytes) { return Allocate(bytes); }
void* operator new(size_t bytes, std::align_val_t align) { return AllocateAligned(bytes, align); }
void* operator new[](size_t bytes, std::align_val_t align) { return AllocateAligned(bytes, align); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return Allocate(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return Allocate(bytes); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }
void operator delete[](void* memory, size_t) noexcept { Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { Free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { Free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { Free(memory); }

namespace skald::app {
namespace {

using test::IsOk;

constexpr int kStreams = 10;

// How the bodies of pushes come.
enum class Format { kProtobuf, kJson };

class PushAllocationsTest : public testing::TestWithParam<Format> {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    const Status opened = parts_.Open({.settings = "ingester: {flush_check_period: 0s}\n"
                                                   "compactor: {compaction_interval: 0s}\n",
                                       .memory_bytes = uint64_t{1} << 30});
    ASSERT_THAT(opened, IsOk());
  }

  void TearDown() override { SetLogLevel(LogLevel::kInfo); }

  static std::string LineOf(int number) {
    return "level=info msg=\"request served\" n=" + std::to_string(number) + " took=17ms";
  }

  // A push of so many entries in each of kStreams new streams, each with a trace_id of its own.
  std::string BodyOf(int entries) {
    ++run_;
    const int64_t seconds = clock_.NowNs() / 1'000'000'000;
    std::string proto;
    std::string json = R"({"streams":[)";
    for (int stream = 0; stream < kStreams; ++stream) {
      const std::string name = std::to_string(run_) + "-" + std::to_string(stream);
      std::vector<std::string> rows;
      json +=
          std::string(stream > 0 ? "," : "") + R"({"stream":{"app":")" + name + R"("},"values":[)";
      for (int i = 0; i < entries; ++i) {
        const std::string trace = "4bf92f3577b34da6a3ce" + std::to_string(100'000'000 + i);
        rows.push_back(test::ProtoEntry(seconds, i, LineOf(i), {{"trace_id", trace}}));
        std::string line = LineOf(i);
        for (size_t at = 0; (at = line.find('"', at)) != std::string::npos; at += 2) {
          line.insert(at, 1, '\\');
        }
        json += std::string(i > 0 ? "," : "") + "[\"" +
                std::to_string(seconds * 1'000'000'000 + i) + "\",\"" + line +
                R"(",{"trace_id":")" + trace + R"("}])";
      }
      json += "]}";
      proto += test::ProtoStream("{app=\"" + name + "\"}", rows);
    }
    if (GetParam() == Format::kJson) return json + "]}";
    std::string body;
    Compress(Codec::kSnappy, proto, body);
    return body;
  }

  // Of a push of so many entries in each stream, from its body to the acknowledgement.
  uint64_t AllocationsOf(int entries) {
    std::string body = BodyOf(entries);
    const wire::PushHeaders headers{.content_type = GetParam() == Format::kJson
                                                        ? "application/json"
                                                        : "application/x-protobuf"};
    const uint64_t before = allocations;
    {
      auto batch = wire::DecodePush(headers, std::move(body));
      EXPECT_THAT(batch, IsOk());
      if (!batch.ok()) return 0;
      EXPECT_EQ(batch->entries.size(), static_cast<size_t>(kStreams * entries));
      EXPECT_THAT(parts_.write().distributor().Push(tenant_, {}, *std::move(batch)).status, IsOk());
    }
    return allocations - before;
  }

  test::ManualClock clock_;
  const model::TenantId tenant_{"fake"};
  ServerParts parts_{clock_};
  int run_ = 0;
};

TEST_P(PushAllocationsTest, AreOfStreamsAndGrowingBuffersAndNotOfEntries) {
  // A doubling of entries makes each buffer of a stream grow once: times, numbers, lines and their
  // places, and for each name of metadata its codes, values and what finds these.
  constexpr uint64_t kBuffersOfAStream = 16;
  AllocationsOf(2000);  // What is kept for later pushes.
  std::vector<uint64_t> counts;
  for (const int entries : {125, 250, 500, 1000, 2000}) counts.push_back(AllocationsOf(entries));
  for (size_t i = 1; i < counts.size(); ++i) {
    EXPECT_LE(counts[i], counts[i - 1] + kStreams * kBuffersOfAStream)
        << testing::PrintToString(counts);
  }
  std::cout << "allocations of pushes of 1,250 to 20,000 entries: "
            << testing::PrintToString(counts) << "\n";
}

INSTANTIATE_TEST_SUITE_P(Formats, PushAllocationsTest,
                         testing::Values(Format::kProtobuf, Format::kJson), [](const auto& info) {
                           return info.param == Format::kJson ? "Json" : "Protobuf";
                         });

}  // namespace
}  // namespace skald::app
