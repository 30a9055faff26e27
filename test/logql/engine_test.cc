#include "logql/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "common/executor.h"
#include "logql/parser.h"
#include "support/expiring_clock.h"
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

// Rows of one batch whose stages may take long.
TEST(EngineTest, EndsWithinABatchOnceAQueryIsCancelled) {
  constexpr int kRows = 20'000;
  MemorySource source({.block_rows = {kRows}});
  for (int i = 0; i < kRows; ++i) source.Add({{"app", "a"}}, i, "n=" + std::to_string(i));
  Executor executor("test", 1);
  struct Row {
    const char* text = "";
    int rows_a_look = 0;
  };
  for (const Row& row :
       {Row{R"({app="a"} | logfmt | n > 50000)", 1024},
        Row{R"({app="a"} | line_format "{{.app}}" |= "none")", 128},
        Row{R"(sum by (n) (count_over_time({app="a"} | logfmt [1m])))", 1024},
        Row{R"(sum(bytes_over_time({app="a"} | line_format "{{.app}}" [1m])))", 128},
        Row{R"(count_over_time({app="a"} | label_format b="{{.app}}" [1m]))", 128}}) {
    SCOPED_TRACE(row.text);
    // How often it looks at its deadline; and again, but that it has passed in the midst of that.
    int looks = std::numeric_limits<int>::max();
    for (const StatusCode end : {StatusCode::kOk, StatusCode::kDeadlineExceeded}) {
      const test::ExpiringClock clock(looks);
      Query query;
      query.expr = *Parse(row.text);
      query.end_ns = kRows;
      query.step_ns = kRows;
      query.limit = 5000;
      model::ScanContext context;
      context.cancel = CancelToken::WithTimeout(clock, std::chrono::hours(1));
      EXPECT_THAT(Engine(source, executor).Run(query, context), HasCode(end));
      if (end == StatusCode::kOk) {
        EXPECT_GE(clock.asked(), kRows / row.rows_a_look);
        looks = clock.asked() / 2;
      } else {
        EXPECT_LE(clock.asked(), looks + 5);
      }
    }
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
