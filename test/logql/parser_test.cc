#include "logql/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "logql/ast_dump.h"
#include "logql/printer.h"
#include "support/matchers.h"

namespace skald::logql {
namespace {

using test::Dump;
using test::HasCode;
using test::HasMessage;
using test::IsOk;

struct PrintedRow {
  std::string query;
  std::string printed;
};

void ExpectPrinted(const std::vector<PrintedRow>& rows) {
  for (const PrintedRow& row : rows) {
    const auto expr = Parse(row.query);
    ASSERT_THAT(expr, IsOk()) << row.query;
    EXPECT_EQ(Print(**expr), row.printed) << row.query;
  }
}

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ParserTest, ReadsSelectors) {
  ExpectPrinted({
      {R"({app="web"})", R"({app="web"})"},
      {R"( { app = "web" , env!="x",a=~`b.*`,c!~"d"} # comment)",
       R"({app="web", env!="x", a=~"b.*", c!~"d"})"},
      {R"(({app="web"}))", R"({app="web"})"},
      {"# first\n{a=`b\"c`}", R"({a="b\"c"})"},
      // Function names are names where no parenthesis follows.
      {R"({rate="x", sum=~"y", ip="z", vector!="", bytes!~"a"})",
       R"({rate="x", sum=~"y", ip="z", vector!="", bytes!~"a"})"},
      {R"({a="1", a!="2"})", R"({a="1", a!="2"})"},
      {R"({a!=""})", R"({a!=""})"},
  });
}

TEST(ParserTest, ReadsLineFilters) {
  ExpectPrinted({
      {R"({a="b"}|="x"!="y"|~"z"!~"w"|>"v <_>"!>"u")",
       R"({a="b"} |= "x" != "y" |~ "z" !~ "w" |> "v <_>" !> "u")"},
      {R"({a="b"} |= `x` OR "y" or ip("1.2.3.4"))", R"({a="b"} |= "x" or "y" or ip("1.2.3.4"))"},
      {R"({a="b"} |~ "(" |~ ip("10.0.0.0/8"))", R"({a="b"} |~ "(" |~ ip("10.0.0.0/8"))"},
      {R"({a="b"} |= "\u001b[\x01\101\n")", R"({a="b"} |= "\x1b[\x01A\n")"},
  });
}

TEST(ParserTest, ReadsStages) {
  ExpectPrinted({
      {R"({a="b"} | JSON)", R"({a="b"} | json)"},
      {R"({a="b"} | json x="y.z[0]" , d)", R"({a="b"} | json x="y.z[0]",d="d")"},
      {R"({a="b"} | logfmt --keep-empty --strict x="y")",
       R"({a="b"} | logfmt --strict --keep-empty x="y")"},
      {R"q({a="b"} | unpack | decolorize | pattern "<a> b" | regexp "(?P<x>y)")q",
       R"q({a="b"} | unpack | decolorize | pattern "<a> b" | regexp "(?P<x>y)")q"},
      {R"({a="b"} | line_format "{{.x}}" | label_format c=d , e="{{.f}}",g=rate)",
       R"({a="b"} | line_format "{{.x}}" | label_format c=d,e="{{.f}}",g=rate)"},
      {R"({a="b"} | drop c , d="e" | keep f,g!~"h")", R"({a="b"} | drop c,d="e" | keep f,g!~"h")"},
      // A name at the end takes the operator that a line filter might begin with.
      {R"({a="b"} | drop c != "x" != "y")", R"({a="b"} | drop c!="x" != "y")"},
      // Found to be wrong only when run.
      {R"({a="b"} | line_format "{{.x" | json c="bad[" |~ "[")",
       R"({a="b"} | line_format "{{.x" | json c="bad[" |~ "[")"},
  });
}

TEST(ParserTest, ReadsLabelFilters) {
  ExpectPrinted({
      {R"({a="b"} | c="d" | e!=`f` | g=~"h" | i!~"j")",
       R"({a="b"} | c="d" | e!="f" | g=~"h" | i!~"j")"},
      {R"({a="b"} | c=5 | d==+1.5e3 | e>-2 | f>=.5 | g<0 | h<=1. | i!=1_000)",
       R"({a="b"} | c==5 | d==1500 | e>-2 | f>=0.5 | g<0 | h<=1 | i!=1000)"},
      {R"({a="b"} | c>1.5h | d<1d | e=5ns | f>=-1m30s | g!=1µs)",
       R"({a="b"} | c>1h30m0s | d<24h0m0s | e==5ns | f>=-1m30s | g!=1µs)"},
      {R"({a="b"} | c>20MB | d<1KiB | e=1.5kB | f<=1234567B)",
       R"({a="b"} | c>20MB | d<1.0kB | e==1.5kB | f<=1.2MB)"},
      {R"({a="b"} | c>1.5KiB | d>999B | e>999999B | f>1500PB)",
       R"({a="b"} | c>1.5kB | d>999B | e>1000kB | f>1500000000000000000B)"},
      {R"({a="b"} | c=ip("10.0.0.0/8") | d!=ip("::1"))",
       R"({a="b"} | c=ip("10.0.0.0/8") | d!=ip("::1"))"},
      {R"({a="b"} | (c="d"))", R"({a="b"} | c="d")"},
  });
}

TEST(ParserTest, RanksLabelFilterOperators) {
  ExpectPrinted({
      {R"({a="b"} | c=1 and d=2 and e=3)", R"({a="b"} | ( ( c==1 , d==2 ) , e==3 ))"},
      {R"({a="b"} | c=1 or d=2 or e=3)", R"({a="b"} | ( ( c==1 or d==2 ) or e==3 ))"},
      {R"({a="b"} | c=1 or d=2 and e=3)", R"({a="b"} | ( c==1 or ( d==2 , e==3 ) ))"},
      {R"({a="b"} | c=1 and d=2 or e=3)", R"({a="b"} | ( ( c==1 , d==2 ) or e==3 ))"},
      {R"({a="b"} | (c=1 or d=2) and e=3)", R"({a="b"} | ( ( c==1 or d==2 ) , e==3 ))"},
      // A comma, or a blank, has no rank: it groups with all that follows.
      {R"({a="b"} | c=1 , d=2 , e=3)", R"({a="b"} | ( c==1 , ( d==2 , e==3 ) ))"},
      {R"({a="b"} | c=1 d=2 e=3)", R"({a="b"} | ( c==1 , ( d==2 , e==3 ) ))"},
      {R"({a="b"} | c=1 or d=2 , e=3 or f=4)",
       R"({a="b"} | ( c==1 or ( d==2 , ( e==3 or f==4 ) ) ))"},
      {R"({a="b"} | (c=1 , d=2) or e=3)", R"({a="b"} | ( ( c==1 , d==2 ) or e==3 ))"},
      {R"({a="b"} | ((c=1)) (d=2))", R"({a="b"} | ( c==1 , d==2 ))"},
  });
}

TEST(ParserTest, ReadsRangeAggregations) {
  ExpectPrinted({
      {R"(rate({a="b"}[5m]))", R"(rate({a="b"}[5m]))"},
      {R"(COUNT_OVER_TIME({a="b"}|="x"[90m] offset 1h))",
       R"(count_over_time({a="b"} |= "x"[1h30m] offset 1h0m0s))"},
      {R"(rate({a="b"}[1d] offset -5m | json | x="y"))",
       R"(rate({a="b"} | json | x="y"[1d] offset -5m0s))"},
      {R"(rate(({a="b"} | json)[1m] offset 1m))", R"(rate({a="b"} | json[1m] offset 1m0s))"},
      {R"(rate((({a="b"} | json [1m]))))", R"(rate({a="b"} | json[1m]))"},
      {R"(sum_over_time({a="b"} | json | unwrap c [1m]))",
       R"(sum_over_time({a="b"} | json | unwrap c[1m]))"},
      {R"(max_over_time({a="b"}[1m] | json | unwrap duration(c) | d="e" | f>1) by (g , h))",
       R"(max_over_time({a="b"} | json | unwrap duration(c) | d="e" | f>1[1m]) by (g,h))"},
      {R"(quantile_over_time(.99,({a="b"}|unwrap bytes(c))[1m])without())",
       R"(quantile_over_time(0.99,{a="b"} | unwrap bytes(c)[1m]) without ())"},
      {R"(avg_over_time({a="b"} | unwrap duration_seconds(c) [1m]))",
       R"(avg_over_time({a="b"} | unwrap duration_seconds(c)[1m]))"},
      {R"(absent_over_time({a="b"} | unwrap rate [1h]))",
       R"(absent_over_time({a="b"} | unwrap rate[1h]))"},
  });
}

TEST(ParserTest, ReadsVectorAggregationsAndFunctions) {
  ExpectPrinted({
      {R"(sum by(c)(rate({a="b"}[5m])))", R"(sum by (c)(rate({a="b"}[5m])))"},
      {R"(sum(rate({a="b"}[5m])) by (c, d))", R"(sum by (c,d)(rate({a="b"}[5m])))"},
      {R"(max without(c)(rate({a="b"}[1m])))", R"(max without (c)(rate({a="b"}[1m])))"},
      {R"(topk by (c) (3, rate({a="b"}[1m])))", R"(topk by (c)(3,rate({a="b"}[1m])))"},
      {R"(approx_topk(3,rate({a="b"}[1m])))", R"(approx_topk(3,rate({a="b"}[1m])))"},
      {R"(sort_desc(rate({a="b"}[1m])))", R"(sort_desc(rate({a="b"}[1m])))"},
      {R"(sum(2 * rate({a="b"}[1m])))", R"(sum((2 * rate({a="b"}[1m]))))"},
      {R"q(label_replace(rate({a="b"}[1m]),"x","$1","y","(.*)"))q",
       R"q(label_replace(rate({a="b"}[1m]),"x","$1","y","(.*)"))q"},
      {"vector(1)", "vector(1.000000)"},
      {"vector(0.0000001)", "vector(0.0000001)"},
      {R"(sum(vector(2)))", "sum(vector(2.000000))"},
      {R"(sum by (count, by_x) (rate({a="b"}[1m])))", R"(sum by (count,by_x)(rate({a="b"}[1m])))"},
  });
}

TEST(ParserTest, RanksOperators) {
  const std::string a = "vector(1.000000)";
  ExpectPrinted({
      {"vector(1) or vector(1) and vector(1)", "(" + a + " or (" + a + " and " + a + "))"},
      {"vector(1) unless vector(1) and vector(1)", "((" + a + " unless " + a + ") and " + a + ")"},
      {"vector(1) and vector(1) > vector(1)", "(" + a + " and (" + a + " > " + a + "))"},
      {"vector(1) + vector(1) == vector(1)", "((" + a + " + " + a + ") == " + a + ")"},
      {"vector(1) - vector(1) - vector(1)", "((" + a + " - " + a + ") - " + a + ")"},
      {"vector(1) + vector(1) % vector(1)", "(" + a + " + (" + a + " % " + a + "))"},
      {"vector(1) ^ vector(1) ^ vector(1)", "(" + a + " ^ (" + a + " ^ " + a + "))"},
      {"vector(1) * vector(1) ^ vector(1) / vector(1)",
       "((" + a + " * (" + a + " ^ " + a + ")) / " + a + ")"},
      {"(vector(1) + vector(1)) * 2", "((" + a + " + " + a + ") * 2)"},
      {"-1 + vector(1) - -2", "((-1 + " + a + ") - -2)"},
  });
}

TEST(ParserTest, ReadsModifiersOfOperators) {
  const std::string a = "vector(1.000000)";
  ExpectPrinted({
      {"vector(1) > bool 2", "(" + a + " > bool 2)"},
      {"vector(1) / on(x,y) vector(1)", "(" + a + " / on (x,y) " + a + ")"},
      {"vector(1) == bool ignoring() group_right(z) vector(1)",
       "(" + a + " == bool ignoring () group_right (z) " + a + ")"},
      {"vector(1) / on (x) group_left vector(1)", "(" + a + " / on (x) group_left () " + a + ")"},
  });
}

TEST(ParserTest, ReadsWhatSkaldAdds) {
  ExpectPrinted({
      {R"({a="b"} | distinct c)", R"({a="b"} | distinct c)"},
      {R"({a="b"} | json | Distinct c , d | limit 3)",
       R"({a="b"} | json | distinct c,d | limit 3)"},
      {R"({a="b"} | distinct c != "x")", R"({a="b"} | distinct c != "x")"},
      {R"({a="b"} | sort by c ASC | SORT BY desc desc |= "x")",
       R"({a="b"} | sort by c | sort by desc desc |= "x")"},
      {R"(count_distinct_over_time(c, {a="b"} | json [5m] offset 1h) by (d))",
       R"(count_distinct_over_time(c,{a="b"} | json[5m] offset 1h0m0s) by (d))"},
      {R"(count_distinct_over_time(rate, ({a="b"}[5m])))",
       R"(count_distinct_over_time(rate,{a="b"}[5m]))"},
  });
}

TEST(ParserTest, ReservesNoWordForWhatSkaldAdds) {
  ExpectPrinted({
      {R"({distinct="a", sort="b", limit="c", count_distinct_over_time="d"})",
       R"({distinct="a", sort="b", limit="c", count_distinct_over_time="d"})"},
      {R"({a="b"} | limit="5" | limit > 5 | limit >= 5 and sort=~"x" | distinct != "y")",
       R"({a="b"} | limit="5" | limit>5 | ( limit>=5 , sort=~"x" ) | distinct!="y")"},
      {R"({a="b"} | distinct=ip("1.2.3.4") limit=3)",
       R"({a="b"} | ( distinct=ip("1.2.3.4") , limit==3 ))"},
      {R"({a="b"} | drop limit, sort, distinct | keep count_distinct_over_time)",
       R"({a="b"} | drop limit,sort,distinct | keep count_distinct_over_time)"},
      {R"({a="b"} | label_format limit=sort,sort="{{.distinct}}")",
       R"({a="b"} | label_format limit=sort,sort="{{.distinct}}")"},
      {R"(sum by (limit, distinct, sort) (rate({a="b"} | unwrap limit [5m])))",
       R"(sum by (limit,distinct,sort)(rate({a="b"} | unwrap limit[5m])))"},
      {R"(sort(rate({a="b"}[5m])) / on (sort) group_left (limit) vector(1))",
       R"((sort(rate({a="b"}[5m])) / on (sort) group_left (limit) vector(1.000000)))"},
  });
}

TEST(ParserTest, ReadsTheEmptySelectorWhereItIsAllowed) {
  const ParseOptions allowed{.empty_selector = EmptySelector::kAllowed};
  for (const char* text : {"{}", "{} |= \"x\"", "sum(count_over_time({}[5m]))"}) {
    EXPECT_THAT(Parse(text, allowed), IsOk()) << text;
    EXPECT_THAT(Parse(text), HasCode(StatusCode::kInvalidArgument)) << text;
  }
  // What a matcher cannot tell apart from nothing stays a mistake.
  for (const char* text : {R"({a=~".*"})", R"({a=""})", "sum(5)"}) {
    EXPECT_THAT(Parse(text, allowed), HasCode(StatusCode::kInvalidArgument)) << text;
  }
}

TEST(ParserTest, FoldsNumbers) {
  ExpectPrinted({
      {"1+2*3", "7"},
      {"2 ^ 3 ^ 2", "512"},
      {"(2 + 3) * 4 % 7", "6"},
      {"2 - -3", "5"},
      {"-2 ^ 2", "4"},
      {"1 > 2", "0"},
      {"2 >= bool 2", "1"},
      {"1.5e3", "1500"},
      {"7 / 2 == 3.5", "1"},
      {"1 / 0", "(0 / 0)"},
      {"5 % 0", "(0 / 0)"},
      {"10 ^ 999", "(10 ^ 999)"},
      {"1" + Repeat("+1", 60000), "60001"},
      {"1" + Repeat("^1", 60000), "1"},
  });
}

TEST(ParserTest, KeepsKindsOfNumbersApart) {
  const auto tree = [](const char* query) { return Dump(**Parse(query)); };
  EXPECT_EQ(tree(R"({a="b"} | c>5)"), R"( (log {a="b"} (number "c" op=2 0x1.4p+2)))");
  EXPECT_EQ(tree(R"({a="b"} | c>5s)"), R"( (log {a="b"} (duration "c" op=2 ns=5000000000)))");
  EXPECT_EQ(tree(R"({a="b"} | c>5B)"), R"( (log {a="b"} (bytes "c" op=2 5)))");
  EXPECT_EQ(tree(R"({a="b"} | c="5")"), R"( (log {a="b"} (string c="5")))");
}

TEST(ParserTest, CapsDepthButNotWidth) {
  const std::string too_deep = "parse error : expression nested too deeply: more than 500 levels";
  EXPECT_THAT(Parse(Repeat("(", 500) + "vector(1)" + Repeat(")", 500)), IsOk());
  EXPECT_THAT(Parse(Repeat("(", 501) + "vector(1)" + Repeat(")", 501)), HasMessage(too_deep));
  EXPECT_THAT(Parse(Repeat("sum(", 30000)), HasMessage(too_deep));
  EXPECT_THAT(Parse("vector(1)" + Repeat("+vector(1)", 499)), IsOk());
  EXPECT_THAT(Parse("vector(1)" + Repeat("+vector(1)", 500)), HasMessage(too_deep));
  EXPECT_THAT(Parse("vector(1)" + Repeat("^vector(1)", 10000)), HasMessage(too_deep));
  EXPECT_THAT(Parse("rate(" + Repeat("(", 60000)),
              HasMessage("parse error : parentheses nested too deeply: more than 500 levels"));

  const std::string filters = "parse error : label filter nested too deeply: more than 1000 levels";
  EXPECT_THAT(Parse("{a=`b`} | c=1" + Repeat(" or c=1", 999)), IsOk());
  EXPECT_THAT(Parse("{a=`b`} | c=1" + Repeat(" or c=1", 18000)), HasMessage(filters));
  EXPECT_THAT(Parse("{a=`b`} | c=1" + Repeat(",c=1", 30000)), HasMessage(filters));
  EXPECT_THAT(Parse("{a=`b`} | " + Repeat("(", 60000) + "c=1" + Repeat(")", 60000)), IsOk());
  EXPECT_THAT(Parse("{a=`b`}" + Repeat("|json", 26000)), IsOk());
}

TEST(ParserTest, DeepestTreesAreReadAgain) {
  for (const std::string& query :
       {"vector(1)" + Repeat("+vector(1)", 499), "vector(1)" + Repeat("^vector(1)", 499),
        Repeat("sum(", 499) + "vector(1)" + Repeat(")", 499),
        "{a=`b`} | c=1" + Repeat(" or c=1", 999), "{a=`b`} | c=1" + Repeat(",c=1", 999)}) {
    const auto expr = Parse(query);
    ASSERT_THAT(expr, IsOk());
    const auto again = Parse(Print(**expr));
    ASSERT_THAT(again, IsOk());
    EXPECT_EQ(Dump(**again), Dump(**expr));
  }
}

TEST(ParserTest, RefusesQueriesThatAreTooLong) {
  const std::string query = R"({a="b"})";
  const std::string longest = query + std::string(kMaxQueryBytes - 1 - query.size(), ' ');
  EXPECT_THAT(Parse(longest), IsOk());
  EXPECT_THAT(Parse(longest + " "),
              HasMessage("parse error : input size too long (131072 > 131072)"));
}

TEST(ParserTest, ParseUncheckedLetsSelectorsMatchEverything) {
  EXPECT_THAT(Parse(R"({a=~".*"} |= "x")"), HasCode(StatusCode::kInvalidArgument));
  const auto expr = ParseUnchecked(R"({a=~".*"} |= "x")");
  ASSERT_THAT(expr, IsOk());
  EXPECT_EQ(Print(**expr), R"({a=~".*"} |= "x")");
  EXPECT_THAT(ParseUnchecked("{"), HasCode(StatusCode::kInvalidArgument));
}

TEST(ParserTest, ParseSelectorTakesMatchersOnly) {
  const auto matchers = ParseSelector(R"( {a="b", c=~"d"} )");
  ASSERT_THAT(matchers, IsOk());
  EXPECT_EQ(model::ToString(*matchers), R"({a="b", c=~"d"})");
  for (const char* text : {R"({a="b"} |= "x")", R"({a="b"} | json)", R"(rate({a="b"}[1m]))", "1"}) {
    EXPECT_THAT(ParseSelector(text), HasMessage("only label matchers are supported")) << text;
  }
}

TEST(ParserTest, ParseSelectorRefusesEmptyOnesUnlessAllowed) {
  for (const char* text : {"{}", R"({a=~".*"})", R"({a!="b"})"}) {
    EXPECT_THAT(ParseSelector(text), HasCode(StatusCode::kInvalidArgument)) << text;
    EXPECT_THAT(ParseSelector(text, true), IsOk()) << text;
  }
}

}  // namespace
}  // namespace skald::logql
