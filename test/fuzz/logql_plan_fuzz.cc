// Queries: what is accepted is planned and run, over no entries and over three, and ends with an
// answer or an error. Templates and regexes in it included.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/executor.h"
#include "logql/engine.h"
#include "logql/parser.h"
#include "support/memory_source.h"

namespace {

using skald::test::MemorySource;

constexpr int64_t kSecond = 1'000'000'000;

// One stream of three lines, as most stages like them: JSON, logfmt and words.
MemorySource* MakeSource(bool filled) {
  auto* source = new MemorySource();
  if (filled) {
    const skald::model::Labels stream{{"app", "x"}, {"zone", "eu"}};
    source->Add(stream, 10 * kSecond, R"({"level":"info","took":"3ms","n":1,"o":{"p":[1,2]}})");
    source->Add(stream, 20 * kSecond, "level=error took=7ms size=2KB ip=10.0.0.1",
                {{"trace", "t1"}});
    source->Add(stream, 30 * kSecond, "GET /a/b 200 \x1b[31mred\x1b[0m \xff");
  }
  return source;
}

// An answer must be of the kind that the query asks for.
void Run(const std::shared_ptr<const skald::logql::Expr>& expr, MemorySource& source) {
  static auto& executor = *new skald::Executor("fuzz", 1);
  for (const bool instant : {false, true}) {
    const skald::logql::Query query{.tenant = {},
                                    .expr = expr,
                                    .instant = instant,
                                    .start_ns = 0,
                                    .end_ns = 60 * kSecond,
                                    .step_ns = 20 * kSecond,
                                    .max_series = 500};
    skald::model::ScanContext context;
    const auto result = skald::logql::Engine(source, executor).Run(query, context);
    if (!result.ok() && result.status().code() == skald::StatusCode::kInternal) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static MemorySource& none = *MakeSource(false);
  static MemorySource& some = *MakeSource(true);
  const auto expr =
      skald::logql::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!expr.ok()) return 0;
  Run(*expr, none);
  Run(*expr, some);
  return 0;
}
