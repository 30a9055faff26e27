// The texts of errors, as clients know them.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "logql/parser.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::HasCode;
using test::HasMessage;

struct ErrorRow {
  std::string query;
  std::string message;  // Behind "parse error ".
};

void ExpectErrors(const std::vector<ErrorRow>& rows) {
  for (const ErrorRow& row : rows) {
    const auto expr = Parse(row.query);
    EXPECT_THAT(expr, HasCode(StatusCode::kInvalidArgument)) << row.query;
    EXPECT_THAT(expr, HasMessage("parse error " + row.message)) << row.query;
  }
}

TEST(ParseErrorTest, ShowsWhereTheQueryEnds) {
  ExpectErrors({
      {"", ": syntax error: unexpected $end"},
      {"  ", "at line 1, col 3: syntax error: unexpected $end"},
      {"\n\n ", "at line 3, col 2: syntax error: unexpected $end"},
      {"# nothing", "at line 1, col 10: syntax error: unexpected $end"},
      {"{", "at line 1, col 2: syntax error: unexpected $end, expecting IDENTIFIER or }"},
      {"{a", "at line 1, col 3: syntax error: unexpected $end, expecting = or =~ or !~ or !="},
      {"{a=", "at line 1, col 4: syntax error: unexpected $end, expecting STRING"},
      {R"({a="b")", "at line 1, col 7: syntax error: unexpected $end, expecting } or ,"},
      {R"({a="b",)", "at line 1, col 8: syntax error: unexpected $end, expecting IDENTIFIER"},
      {R"({a="b"} |)", "at line 1, col 10: syntax error: unexpected $end"},
      {R"({a="b"} |~)", "at line 1, col 11: syntax error: unexpected $end, expecting STRING or ip"},
      {R"({a="b"} |= "c" or)",
       "at line 1, col 18: syntax error: unexpected $end, expecting STRING or ip"},
      {R"({a="b"} | json c=)",
       "at line 1, col 18: syntax error: unexpected $end, expecting STRING"},
      {R"({a="b"} | drop)",
       "at line 1, col 15: syntax error: unexpected $end, expecting IDENTIFIER"},
      {R"({a="b"} | label_format x)",
       "at line 1, col 25: syntax error: unexpected $end, expecting ="},
      {R"({a="b"} | label_format x=)",
       "at line 1, col 26: syntax error: unexpected $end, expecting IDENTIFIER or STRING"},
      {R"({a="b"} | c="d" and)",
       "at line 1, col 20: syntax error: unexpected $end, expecting IDENTIFIER or ("},
      {R"({a="b"} | (c="d")", "at line 1, col 17: syntax error: unexpected $end"},
      {R"(rate({a="b"}[1m] + 1)", "at line 1, col 18: syntax error: unexpected +, expecting )"},
      {R"(sum(rate({a="b"}[1m]))", "at line 1, col 22: syntax error: unexpected $end"},
      {R"(rate({a="b"}[1m]) +)", "at line 1, col 20: syntax error: unexpected $end"},
      {"sum by (", "at line 1, col 9: syntax error: unexpected $end, expecting IDENTIFIER or )"},
  });
}

TEST(ParseErrorTest, NamesTheTokenThatDoesNotFit) {
  ExpectErrors({
      {"a", "at line 1, col 1: syntax error: unexpected IDENTIFIER"},
      {R"({a=b})", "at line 1, col 4: syntax error: unexpected IDENTIFIER, expecting STRING"},
      {R"({"a"="b"})",
       "at line 1, col 2: syntax error: unexpected STRING, expecting IDENTIFIER or }"},
      {R"({1a="b"})",
       "at line 1, col 2: syntax error: unexpected NUMBER, expecting IDENTIFIER or }"},
      {R"({json="b"})",
       "at line 1, col 2: syntax error: unexpected json, expecting IDENTIFIER or }"},
      {R"({a="b",})", "at line 1, col 8: syntax error: unexpected }, expecting IDENTIFIER"},
      {R"({a="b" or c="d"})", "at line 1, col 8: syntax error: unexpected or, expecting } or ,"},
      {R"({a="b"} "c")", "at line 1, col 9: syntax error: unexpected STRING"},
      {R"({a="b"} foo)", "at line 1, col 9: syntax error: unexpected IDENTIFIER"},
      {R"({a="b"} |= c)",
       "at line 1, col 12: syntax error: unexpected IDENTIFIER, expecting STRING or ip"},
      {R"({a="b"} | json "x")", "at line 1, col 16: syntax error: unexpected STRING"},
      {R"({a="b"} | not c=1)", "at line 1, col 15: syntax error: unexpected IDENTIFIER"},
      {R"({a="b"} | c=~ip("x"))",
       "at line 1, col 14: syntax error: unexpected ip, expecting STRING"},
      {R"({a="b"} | c=-d)",
       "at line 1, col 14: syntax error: unexpected IDENTIFIER, expecting NUMBER"},
      {R"({a="b"} | logfmt --nope)",
       "at line 1, col 20: syntax error: unexpected IDENTIFIER, expecting NUMBER"},
      {R"({a="b"} | unwrap c)", "at line 1, col 11: syntax error: unexpected unwrap"},
      {"-(3)", "at line 1, col 2: syntax error: unexpected (, expecting NUMBER"},
      {R"(+ sum(rate({a="b"}[1m])))",
       "at line 1, col 3: syntax error: unexpected SUM, expecting NUMBER"},
      {R"(nofunc({a="b"}[5m]))", "at line 1, col 1: syntax error: unexpected IDENTIFIER"},
      {R"(sum by c (rate({a="b"}[5m])))", "at line 1, col 1: syntax error: unexpected IDENTIFIER"},
      {R"(rate(count_over_time({a="b"}[5m])))",
       "at line 1, col 6: syntax error: unexpected COUNT_OVER_TIME, expecting NUMBER or { or ("},
      {R"(rate("x", {a="b"}[5m]))",
       "at line 1, col 6: syntax error: unexpected STRING, expecting NUMBER or { or ("},
      {R"(rate({a="b"}))", "at line 1, col 13: syntax error: unexpected )"},
      {R"(rate({a="b"} | unwrap f(c) [5m]))",
       "at line 1, col 24: syntax error: unexpected (, expecting RANGE or |"},
      {R"(rate({a="b"} | unwrap c | keep d [5m]))",
       "at line 1, col 27: syntax error: unexpected keep, expecting IDENTIFIER or ("},
      {R"(rate(({a="b"}) | json [5m]))",
       "at line 1, col 16: syntax error: unexpected |, expecting RANGE"},
      {R"(rate by (c) ({a="b"}[5m]))",
       "at line 1, col 6: syntax error: unexpected by, expecting ("},
      {R"(sum({a="b"}))", "at line 1, col 12: syntax error: unexpected )"},
      {"sum by (a) ()", "at line 1, col 13: syntax error: unexpected )"},
      {R"(sum(rate({a="b"}[1m])) by (a) by (b))", "at line 1, col 31: syntax error: unexpected by"},
      {"topk(-1, vector(1))", "at line 1, col 8: syntax error: unexpected ,"},
      {"topk(, vector(1))", "at line 1, col 6: syntax error: unexpected ,"},
      {R"(vector("x"))", "at line 1, col 8: syntax error: unexpected STRING, expecting NUMBER"},
      {"vector(1) and group_left vector(1)",
       "at line 1, col 15: syntax error: unexpected group_left"},
      {"vector(1) + on (x) group_left (sum(vector(1)))",
       "at line 1, col 32: syntax error: unexpected SUM, expecting IDENTIFIER or )"},
      {"bool 1", "at line 1, col 1: syntax error: unexpected bool"},
      {"label_replace(vector(1), \"a\", 5)",
       "at line 1, col 31: syntax error: unexpected NUMBER, expecting STRING"},
      {"{a=\"b\"}\n| json\n  nope=nope",
       "at line 3, col 8: syntax error: unexpected IDENTIFIER, expecting STRING"},
      {"{größe=x}", "at line 1, col 8: syntax error: unexpected IDENTIFIER, expecting STRING"},
      {R"({a="b"} ; x)", "at line 1, col 9: syntax error: unexpected IDENTIFIER"},
  });
}

TEST(ParseErrorTest, LosesTheLineOfTokensOfSeveralCharacters) {
  ExpectErrors({
      {R"({a=="b"})",
       "at line 0, col 3: syntax error: unexpected ==, expecting = or =~ or !~ or !="},
      {R"({a="b"} | |= "x")", "at line 0, col 11: syntax error: unexpected |="},
      {R"(rate({a="b"}[5]))", "at line 0, col 13: not a valid duration string: \"5\""},
      {R"(rate({a="b"}[-5m]))", "at line 0, col 13: not a valid duration string: \"-5m\""},
      {R"(rate({a="b"}[5minutes]))",
       "at line 0, col 13: unknown unit \"minutes\" in duration \"5minutes\""},
      {R"(rate({a="b"}[5m)", "at line 0, col 13: missing closing ']' in duration"},
  });
}

TEST(ParseErrorTest, RefusesBrokenLiterals) {
  ExpectErrors({
      {R"({a="b)", "at line 1, col 4: literal not terminated"},
      {"{a=\"b\n\"}", "at line 1, col 4: literal not terminated"},
      {"{a=`b", "at line 1, col 4: literal not terminated"},
      {R"({a="\q"})", "at line 1, col 4: invalid char escape"},
      {"{a='b'}", "at line 1, col 4: invalid char literal"},
      {"{a=\"\xff\"}", "at line 1, col 4: invalid UTF-8 encoding"},
      {"0x10",
       ": unable to parse literal as a float: strconv.ParseFloat: parsing \"0x10\": invalid "
       "syntax"},
      {"1__0",
       ": unable to parse literal as a float: strconv.ParseFloat: parsing \"1__0\": invalid "
       "syntax"},
      {"1e999",
       ": unable to parse literal as a float: strconv.ParseFloat: parsing \"1e999\": value out of "
       "range"},
  });
}

TEST(ParseErrorTest, RefusesSelectorsThatMatchEverything) {
  const std::string message =
      ": queries require at least one regexp or equality matcher that does not have an "
      "empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but "
      "app=~\".+\" will";
  for (const char* query :
       {"{}", R"({a=""})", R"({a=~".*"})", R"({a=~""})", R"({a!="b"})", R"({a!~"b"} | json)",
        R"(rate({a!="b"}[1m]))", R"(sum(rate({a="b"}[1m])) / sum(rate({}[1m])))", "sum(5)",
        R"(sort(1 + 1))"}) {
    ExpectErrors({{query, message}});
  }
}

TEST(ParseErrorTest, ChecksAggregations) {
  const std::string range = R"({a="b"}[5m])";
  const std::string unwrap = R"({a="b"} | unwrap c [5m])";
  ExpectErrors({
      {"count_over_time(" + range + ") by (c)",
       ": grouping not allowed for count_over_time aggregation"},
      {"sum_over_time(" + unwrap + ") without (c)",
       ": grouping not allowed for sum_over_time aggregation"},
      {"count_over_time(" + unwrap + ") by (c)",
       ": grouping not allowed for count_over_time aggregation"},
      {"bytes_rate(" + unwrap + ")", ": invalid aggregation bytes_rate with unwrap"},
      {"first_over_time(" + range + ")", ": invalid aggregation first_over_time without unwrap"},
      {"rate_counter(" + range + ")", ": invalid aggregation rate_counter without unwrap"},
      {"quantile_over_time(" + unwrap + ")",
       ": parameter required for operation quantile_over_time"},
      {"rate(2.50, " + range + ")", ": parameter 2.50 not supported for operation rate"},
      {"topk(vector(1))", ": parameter required for operation topk"},
      {"bottomk(1.5, vector(1))", ": invalid parameter bottomk(1.5,"},
      {"topk(0, vector(1))", ": invalid parameter (must be greater than 0) topk(0"},
      {"sum(2, vector(1))", ": unsupported parameter for operation sum(2,"},
      {"sort(vector(1)) by (a)", ": sort and sort_desc doesn't allow grouping by "},
      {"approx_topk by (a) (1, vector(1))", ": grouping not allowed for approx_topk aggregation"},
  });
}

TEST(ParseErrorTest, ChecksOperands) {
  ExpectErrors({
      {R"(vector(1) + {a="b"})",
       ": unexpected type for right leg of binary operation (+): *syntax.MatchersExpr"},
      {R"({a="b"} | json > 1)",
       ": unexpected type for left leg of binary operation (>): *syntax.PipelineExpr"},
      {"1 and 2",
       ": unexpected literal for left leg of logical/set binary operation (and): 1.000000"},
      {"vector(1) or 2.5",
       ": unexpected literal for right leg of logical/set binary operation (or): 2.500000"},
  });
}

TEST(ParseErrorTest, ChecksArguments) {
  ExpectErrors({
      {R"({a=~"("})", ": error parsing regexp: missing closing ): `(`"},
      {R"({a="b"} | c=~"[")", ": error parsing regexp: missing closing ]: `[`"},
      {R"(label_replace(vector(1), "a", "b", "c", "("))",
       ": invalid regex in label_replace: error parsing regexp: missing closing ): `^(?:()$`"},
      {R"q({a="b"} | regexp "(x)")q",
       ": invalid regexp parser: at least one named capture must be supplied"},
      {R"q({a="b"} | regexp "(?P<a>x)(?P<a>y)")q",
       ": invalid regexp parser: duplicate extracted label name 'a'"},
      {R"q({a="b"} | regexp "(?P<1>x)")q",
       ": invalid regexp parser: invalid extracted label name '1'"},
      {R"({a="b"} | regexp "(")",
       ": invalid regexp parser: error parsing regexp: missing closing ): `(`"},
      {R"({a="b"} | pattern "<_>")", ": invalid pattern parser: at least one capture is required"},
      {R"({a="b"} | pattern "<a><b>")",
       ": invalid pattern parser: found consecutive capture '<a><b>': invalid expression"},
      {R"({a="b"} | pattern "<a> <a>")",
       ": invalid pattern parser: duplicate capture name (<a>): invalid expression"},
      {R"({a="b"} | pattern "")",
       ": invalid pattern parser: parse error at line 1, col 1: syntax error: unexpected $end, "
       "expecting IDENTIFIER or LITERAL"},
  });
}

TEST(ParseErrorTest, RefusesBadFormsOfWhatSkaldAdds) {
  ExpectErrors({
      {R"({a="b"} | distinct c,)",
       "at line 1, col 22: syntax error: unexpected $end, expecting IDENTIFIER"},
      {R"({a="b"} | sort by "c")",
       "at line 1, col 19: syntax error: unexpected STRING, expecting IDENTIFIER"},
      {R"({a="b"} | sort by c down)", "at line 1, col 21: syntax error: unexpected IDENTIFIER"},
      {R"({a="b"} | sort by (c))", "at line 1, col 11: syntax error: unexpected SORT"},
      {R"({a="b"} | limit 0)", ": limit wants a whole number from 1 to 4294967295, not 0"},
      {R"({a="b"} | limit 5e3)", ": limit wants a whole number from 1 to 4294967295, not 5e3"},
      {R"({a="b"} | limit -1)", "at line 1, col 17: syntax error: unexpected -"},
      {R"({a="b"} | limit)", "at line 1, col 16: syntax error: unexpected $end"},
      {R"(count_over_time({a="b"} | sort by c [5m]))",
       ": stage '| sort by c' is for log queries and cannot stand in count_over_time"},
      {R"(count_distinct_over_time(c, {a="b"} | unwrap c [5m]))",
       ": invalid aggregation count_distinct_over_time with unwrap"},
      {R"(count_distinct_over_time(c, 5))",
       "at line 1, col 29: syntax error: unexpected NUMBER, expecting { or ("},
  });
}

// As Loki refuses it, with a hint at the setting.
TEST(ParseErrorTest, RefusesWhatSkaldAddsWhereItIsSwitchedOff) {
  const std::vector<ErrorRow> rows = {
      {R"({a="b"} | logfmt | distinct c)",
       "at line 1, col 29: syntax error: unexpected IDENTIFIER (| distinct is"},
      {R"({a="b"} | sort by c)", "at line 1, col 16: syntax error: unexpected by (| sort by is"},
      {R"({a="b"} | limit 5)", "at line 1, col 17: syntax error: unexpected NUMBER (| limit is"},
      {R"(sum(count_distinct_over_time(c, {a="b"}[5m])))",
       "at line 1, col 5: syntax error: unexpected IDENTIFIER (count_distinct_over_time is"},
      {"1 / 0", ": division of a number by zero (its answer, NaN, is"},
      {"vector(1) + 5 % (1 - 1)", ": division of a number by zero (its answer, NaN, is"},
      {"{} |= `x`",
       ": queries require at least one regexp or equality matcher that does not have an "
       "empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but "
       "app=~\".+\" will ({} is"},
  };
  for (const ErrorRow& row : rows) {
    const auto expr = Parse(
        row.query, {.extensions = Extensions::kOff, .empty_selector = EmptySelector::kAllowed});
    EXPECT_THAT(expr, HasMessage("parse error " + row.message +
                                 " an extension of LogQL by Skald: "
                                 "limits_config.logql_extensions is off)"))
        << row.query;
  }
}

TEST(ParseErrorTest, SaysWhatTheEmptySelectorLacks) {
  EXPECT_THAT(Parse("{}", {.extensions = Extensions::kOn,
                           .empty_selector = EmptySelector::kNeedsTimeRange}),
              HasMessage(testing::EndsWith("will ({} does if the request gives a start)")));
}

}  // namespace
}  // namespace skald::logql
