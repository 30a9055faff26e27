#include "logql/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "common/executor.h"
#include "logql/parser.h"
#include "support/matchers.h"
#include "support/memory_source.h"

namespace skald::logql {
namespace {

using test::HasCode;
using test::IsOk;
using test::MemorySource;

// A source whose client goes away while a given batch is read.
class AbandonedSource final : public LogSource {
 public:
  AbandonedSource(LogSource& base, int cancel_at) : base_(base), cancel_at_(cancel_at) {}

  Result<model::StreamScans> Select(const model::ScanRequest& request,
                                    model::ScanContext& context) override {
    SKALD_ASSIGN_OR_RETURN(model::StreamScans scans, base_.Select(request, context));
    for (auto& scan : scans) scan = std::make_unique<Scan>(*this, context, std::move(scan));
    return scans;
  }

  int batches() const { return batches_; }

 private:
  class Scan final : public model::StreamScan {
   public:
    Scan(AbandonedSource& owner, model::ScanContext& context,
         std::unique_ptr<model::StreamScan> base)
        : owner_(owner), context_(context), base_(std::move(base)) {}

    const std::shared_ptr<const model::Labels>& labels() const override { return base_->labels(); }
    int64_t first_ns() const override { return base_->first_ns(); }
    int64_t last_ns() const override { return base_->last_ns(); }
    uint64_t estimated_bytes() const override { return base_->estimated_bytes(); }
    std::unique_ptr<model::BatchSource> OpenPart(model::TimeRange part) override {
      return std::make_unique<Batches>(owner_, context_, base_->OpenPart(part));
    }

   private:
    AbandonedSource& owner_;
    model::ScanContext& context_;
    const std::unique_ptr<model::StreamScan> base_;
  };

  class Batches final : public model::BatchSource {
   public:
    Batches(AbandonedSource& owner, model::ScanContext& context,
            std::unique_ptr<model::BatchSource> base)
        : owner_(owner), context_(context), base_(std::move(base)) {}

    Result<std::unique_ptr<model::LogBatch>> Next() override {
      if (++owner_.batches_ == owner_.cancel_at_) context_.cancel.Cancel();
      return base_->Next();
    }

   private:
    AbandonedSource& owner_;
    model::ScanContext& context_;
    const std::unique_ptr<model::BatchSource> base_;
  };

  LogSource& base_;
  const int cancel_at_;
  std::atomic<int> batches_ = 0;
};

TEST(EngineTest, ReadsNotABatchMoreOnceAQueryIsCancelled) {
  MemorySource all({.block_rows = {10}});
  for (int i = 0; i < 1000; ++i) {
    all.Add({{"app", i % 2 == 0 ? "a" : "b"}}, i, R"({"n": )" + std::to_string(i) + "}");
  }
  Executor executor("test", 1);
  for (const char* text :
       {R"({app=~".+"})", R"({app=~".+"} |= "absent")", R"({app=~".+"} | json | n > 5000)",
        R"({app=~".+"} | sort by n)", R"(count_over_time({app=~".+"}[1m]))",
        R"(sum by (n) (count_over_time({app=~".+"} | json [1m])))",
        R"(quantile_over_time(0.9, {app=~".+"} | json | unwrap n [1m]) by (app))"}) {
    AbandonedSource source(all, 7);
    Query query;
    query.expr = *Parse(text);
    query.end_ns = 1000;
    query.step_ns = 1000;
    query.limit = 5000;
    model::ScanContext context;
    EXPECT_THAT(Engine(source, executor).Run(query, context), HasCode(StatusCode::kCancelled))
        << text;
    EXPECT_LE(source.batches(), 7 + 1) << text;  // Another thread may be in the midst of one.
  }
}

TEST(EngineTest, OfEqualTimesOfStreamsThatAnOuterLabelAloneTellsApartTheFirstIsTaken) {
  Executor executor("test", 1);
  for (int i = 0; i < 8; ++i) {  // Other labels, other hashes.
    const std::string app = std::to_string(i);
    MemorySource source;
    source.Add({{"app", app}, {"tenant", "b"}}, 10, "line of b");
    source.Add({{"app", app}, {"tenant", "a"}}, 10, "line of a");
    for (const auto direction : {model::Direction::kForward, model::Direction::kBackward}) {
      Query query;
      query.expr = *Parse(R"({app=~".+"})");
      query.end_ns = 1000;
      query.limit = 1;
      query.direction = direction;
      query.outer_label = "tenant";
      model::ScanContext context;
      const auto result = Engine(source, executor).Run(query, context);
      ASSERT_THAT(result, IsOk());
      const auto& streams = std::get<model::Streams>(result->data).streams;
      ASSERT_EQ(streams.size(), 1u);
      EXPECT_EQ(streams[0].labels.Get("tenant"), "a") << app;
    }
  }
}

}  // namespace
}  // namespace skald::logql
