#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "chunkstore/compact/compactor.h"
#include "chunkstore/compact/pack_remover.h"
#include "chunkstore/compact/retention.h"
#include "chunkstore/store_fixture.h"
#include "chunkstore/test_entries.h"
#include "common/limits.h"
#include "support/matchers.h"

namespace skald::chunkstore {

// A store, and compaction of it when a test asks for it. Nothing expires.
class CompactorFixture : public StoreFixture {
 protected:
  Compactor MakeCompactor() {
    Compactor::Options options;
    options.interval = std::chrono::nanoseconds(0);
    return MakeCompactor(options);
  }
  Compactor MakeCompactor(const Compactor::Options& options) {
    remover_ = std::make_unique<PackRemover>(store_->parts(), clock_);
    return Compactor(options, store_->parts(), no_retention_, *remover_, clock_);
  }
  Status Compact() { return MakeCompactor().RunRound(); }

  std::vector<std::string> Packs() {
    std::vector<std::string> keys;
    const auto packs = objects_->List("packs/");
    EXPECT_THAT(packs, test::IsOk());
    for (const ObjectEntry& pack : *packs) keys.push_back(pack.key);
    return keys;
  }

  // Several packs of two streams that overlap, with entries that were stored twice.
  std::vector<test::TestEntry> PutOverlapping() {
    const std::vector<test::TestEntry> entries = test::EntryGenerator(1).Entries(900);
    std::vector<std::vector<test::TestEntry>> parts(3);
    for (size_t i = 0; i < entries.size(); ++i) {
      parts[i % 3].push_back(entries[i]);
      if (i % 10 == 0) {
        parts[(i + 1) % 3].push_back(entries[i]);  // Sent again: with another number.
        parts[(i + 1) % 3].back().seq += 100'000;
      }
    }
    for (const std::vector<test::TestEntry>& part : parts) {
      Put({{"app", "api"}}, part, {.block_bytes = 8 << 10});
      Put({{"app", "web"}}, part);
    }
    return entries;
  }

  std::vector<test::TestEntry> ReadStream(const std::string& app) {
    model::ScanRequest request = Request();
    request.matchers = {*model::Matcher::Make(model::MatchOp::kEqual, "app", app)};
    return Read(request);
  }

  const StaticLimits limits_{Limits()};
  const Retention no_retention_{{}, limits_};
  std::unique_ptr<PackRemover> remover_;
};

}  // namespace skald::chunkstore
