#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "logql/ast.h"

namespace skald::test {

// What generated queries speak of. The names and texts of a data set, where the queries are run;
// by default such as try the lexer.
struct Vocabulary {
  std::vector<std::string> labels;         // Of selectors, groupings and filters.
  std::vector<std::string> values;         // Of labels.
  std::vector<std::string> regexes;        // Of labels and lines.
  std::vector<std::string> lines;          // Pieces of lines.
  std::vector<std::string> line_patterns;  // Of |>.
  std::vector<std::string> captures;       // Of | regexp.
  std::vector<std::string> patterns;       // Of | pattern.
  std::vector<std::string> templates;      // Of line_format and label_format.
  std::vector<std::string> paths;          // Of json and logfmt.
  std::vector<std::string> addresses;      // Of ip().

  static Vocabulary ForPrinting();
};

// Draws syntax trees that Parse could have built: past its checks, and literals folded.
//
// Threads: not synchronised.
class AstGenerator {
 public:
  AstGenerator(uint64_t seed, Vocabulary vocabulary)
      : random_(seed), words_(std::move(vocabulary)) {}

  logql::Expr Expression() { return Chance(3) ? logql::Expr{LogWithAnswerStages()} : Metric(4); }
  logql::LogExpr Log();
  // With Skald's own stages among the others.
  logql::LogExpr LogWithAnswerStages();
  // At most `levels` of aggregations and operators.
  logql::Expr Metric(int levels);
  // One that works on each entry by itself.
  logql::Stage AnyStage();
  // One of Skald's own: of log queries alone.
  logql::Stage AnyAnswerStage();
  logql::LabelFilter Filter(int levels);

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }
  bool Chance(uint64_t one_in) { return Below(one_in) == 0; }
  const std::string& Pick(const std::vector<std::string>& list) { return list[Below(list.size())]; }
  const std::string& Label() { return Pick(words_.labels); }
  std::vector<std::string> Labels(uint64_t at_most);
  double Number();
  int64_t Duration();
  uint64_t Size();
  model::Matcher AnyMatcher();
  model::Matchers Selector();
  logql::LineFilter Line();
  logql::LabelFilter Comparison();
  std::vector<logql::Extraction> Extractions();
  logql::LabelFormat Format();
  std::vector<logql::NameOrMatcher> NamesOrMatchers();
  logql::Grouping AnyGrouping();
  logql::Expr RangeAggregation();
  logql::Expr VectorAggregation(int levels);
  logql::Expr Binary(int levels);
  logql::Expr Replace(int levels);
  // Not a number alone.
  logql::ExprPtr Vector(int levels);

  std::mt19937_64 random_;
  Vocabulary words_;
};

}  // namespace skald::test
