// What is printed is read again as the same tree.

#include <gtest/gtest.h>

#include <string>

#include "logql/ast_dump.h"
#include "logql/ast_generator.h"
#include "logql/parser.h"
#include "logql/printer.h"
#include "support/case_count.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::AstGenerator;
using test::Dump;
using test::IsOk;
using test::Vocabulary;

constexpr uint64_t kRoundTripSeed = 20260801;
constexpr int kTrees = 5000;

TEST(RoundTripTest, ParseReadsWhatPrintWrites) {
  for (uint64_t seed = kRoundTripSeed; seed < kRoundTripSeed + test::CaseCount(kTrees); ++seed) {
    const Expr expr = AstGenerator(seed, Vocabulary::ForPrinting()).Expression();
    const std::string text = Print(expr);
    const auto parsed = Parse(text);
    ASSERT_THAT(parsed, IsOk()) << "seed " << seed << "\n" << text;
    ASSERT_EQ(Dump(**parsed), Dump(expr)) << "seed " << seed << "\n" << text;
    ASSERT_EQ(Print(**parsed), text) << "seed " << seed;
  }
}

TEST(RoundTripTest, ParseReadsWhatPrettyPrintWrites) {
  for (uint64_t seed = kRoundTripSeed; seed < kRoundTripSeed + test::CaseCount(kTrees); ++seed) {
    const Expr expr = AstGenerator(seed, Vocabulary::ForPrinting()).Expression();
    const std::string text = PrettyPrint(expr);
    const auto parsed = Parse(text);
    ASSERT_THAT(parsed, IsOk()) << "seed " << seed << "\n" << text;
    ASSERT_EQ(Dump(**parsed), Dump(expr)) << "seed " << seed << "\n" << text;
  }
}

}  // namespace
}  // namespace skald::logql
