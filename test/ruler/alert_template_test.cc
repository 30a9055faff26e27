#include "ruler/alert_template.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::ruler {
namespace {

std::string Expand(std::string_view text, double value = 0) {
  const auto parsed = AlertTemplate::Parse("A", text);
  if (!parsed.ok()) return std::string(parsed.status().message());
  const model::Labels labels{{"app", "web"}, {"pod", "a"}};
  const auto query = [](const std::string& expr) -> Result<std::vector<EvaluatedSample>> {
    if (expr == "fails") return InvalidArgument("no such query");
    if (expr == "none") return std::vector<EvaluatedSample>();
    return std::vector<EvaluatedSample>{
        {.labels = {{"app", "web"}, {"pod", "b"}}, .value = 2},
        {.labels = {{"app", "db"}, {"__value__", "text"}}, .value = 1.5},
    };
  };
  const model::Labels external{{"cluster", "c1"}};
  return parsed->Expand({.labels = labels,
                         .external_labels = external,
                         .value = value,
                         .external_url = "http://g:1/a/b?c",
                         .time_ns = 1'500'000'000,
                         .query = query});
}

TEST(AlertTemplateTest, ExpandsLabelsAndValue) {
  EXPECT_EQ(Expand("{{ $labels.app }} {{ $value }} {{ .Value }} {{ $labels.nope }}|", 14814),
            "web 14814 14814 |");
  EXPECT_EQ(Expand("{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}"), "app=web pod=a ");
  EXPECT_EQ(Expand("{{ $externalURL }} {{ $externalLabels.cluster }}{{ $externalLabels.x }}"),
            "http://g:1/a/b?c c1");
  EXPECT_EQ(Expand("{{ .ExternalLabels.cluster }}"), "c1");
}

TEST(AlertTemplateTest, HasTheFunctionsOfPrometheus) {
  struct Row {
    const char* text;
    double value;
    const char* expanded;
  };
  const Row rows[] = {
      {"{{ $value | humanize }}", 14814, "14.81k"},
      {"{{ humanize $value }}", 0.00123, "1.23m"},
      {"{{ humanize1024 2048 }}", 0, "2ki"},
      {"{{ humanizeDuration $value }}", 14814, "4h 6m 54s"},
      {"{{ humanizeDuration $value }}", 0.0015, "1.5ms"},
      {"{{ humanizePercentage 0.1234 }}", 0, "12.34%"},
      {"{{ humanizeTimestamp 1435065584.128 }}", 0, "2015-06-23 13:19:44.128 +0000 UTC"},
      {"{{ printf \"%.1f\" $value }} {{ len $labels }}", 2, "2.0 2"},
      {"{{ \"x\" | toUpper }} {{ toLower \"Y\" }} {{ title \"ab cd\" }}", 0, "X y Ab Cd"},
      {"{{ if gt $value 1.0 }}big{{ else }}small{{ end }}", 2, "big"},
      {"{{ reReplaceAll \"a(.)\" \"<$1>\" \"xaby\" }} {{ match \"a.\" \"ab\" }}", 0, "x<b>y true"},
      {"{{ stripPort \"h:80\" }} {{ stripDomain \"h.x:80\" }}", 0, "h h:80"},
      {"{{ parseDuration \"1m30s\" }}", 0, "90"},
      {"{{ urlQueryEscape \"a b/{c=\\\"d\\\"}\" }}", 0, "a+b%2F%7Bc%3D%22d%22%7D"},
      {"{{ (toTime 1435065584.128).Format \"2006-01-02 15:04:05.000\" }}", 0,
       "2015-06-23 13:19:44.128"},
      {"{{ (toTime $value).Unix }}", -0.5, "-1"},
      {"{{ toDuration 90.5 }}", 0, "1m30.5s"},
      {"{{ $d := toDuration $value }}{{ $d.Hours }} {{ $d.Minutes }} {{ $d.Seconds }}", 5400.5,
       "1.500138888888889 90.00833333333334 5400.5"},
      {"{{ with toDuration 0.0015 }}{{ .Milliseconds }} {{ .Microseconds }} {{ .Nanoseconds }}{{ "
       "end }}",
       0, "1 1500 1500000"},
      {"{{ (toDuration -90.6).String }} {{ (toDuration -90.6).Abs }}", 0, "-1m30.6s 1m30.6s"},
      {"{{ (toDuration 90.5).Round 1000000000 }} {{ (toDuration 90.6).Truncate (toDuration 60) }}",
       0, "1m31s 1m0s"},
      {"{{ (toDuration -90.5).Round 1000000000 }} {{ (toDuration 90.5).Round 0 }}", 0,
       "-1m31s 1m30.5s"},
      {"{{ ((toTime 0).Add (toDuration 90)).Unix }} {{ humanizeDuration (toDuration 90) }}", 0,
       "90 1m 30s"},
      {"{{ humanizeDuration ((toTime 90).Sub (toTime 0)) }} {{ (toTime 90).Month }}", 0,
       "1m 30s January"},
      {"{{ printf \"%v %s %d\" (toDuration 1) (toDuration 2) (toDuration 3) }}", 0,
       "1s 2s 3000000000"},
      {"{{ graphLink \"up\" }} {{ tableLink \"up\" }}", 0,
       "/graph?g0.expr=up&g0.tab=0 /graph?g0.expr=up&g0.tab=1"},
      {"{{ safeHtml \"<b>\" }} {{ externalURL }} {{ pathPrefix }} {{ now }}", 0,
       "<b> http://g:1/a/b?c /a/b 1.5"},
  };
  for (const Row& row : rows) EXPECT_EQ(Expand(row.text, row.value), row.expanded) << row.text;
}

TEST(AlertTemplateTest, AsksQueriesAndTakesTheirAnswersApart) {
  struct Row {
    const char* text;
    const char* expanded;
  };
  const Row rows[] = {
      {"{{ range query \"q\" }}{{ .Labels.app }}={{ .Value }} {{ end }}", "web=2 db=1.5 "},
      {"{{ with query \"q\" }}{{ . | first | value | humanize }}{{ end }}", "2"},
      {"{{ query \"q\" | first | label \"pod\" }}", "b"},
      {"{{ query \"q\" | first | label \"nope\" }}|", "|"},
      {"{{ range query \"q\" | sortByLabel \"app\" }}{{ . | label \"app\" }} {{ end }}", "db web "},
      {"{{ query \"q\" | sortByLabel \"app\" | first | strvalue }}", "text"},
      {"{{ len (query \"none\") }}{{ with query \"none\" }}x{{ else }}nothing{{ end }}",
       "0nothing"},
      {"{{ define \"t\" }}<{{ .arg0 }}, {{ .arg1 }}>{{ end }}{{ template \"t\" (args 1 \"b\") }}",
       "<1, b>"},
      {"{{ define \"t\" }}<{{ . }}>{{ end }}{{ tmpl \"t\" 5 }}{{ \"x\" | tmpl \"t\" }}", "<5><x>"},
      {"{{ with args 0 1 2 3 4 5 6 7 8 9 10 }}{{ .arg2 }} {{ .arg10 }}{{ end }}", "2 10"},
  };
  for (const Row& row : rows) EXPECT_EQ(Expand(row.text), row.expanded) << row.text;
}

TEST(AlertTemplateTest, SaysWhyAFunctionFails) {
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {"{{ query \"fails\" }}", "error calling query: no such query"},
      {"{{ query \"none\" | first }}",
       "error calling first: first() called on vector with no elements"},
      {"{{ first 1 }}", "error calling first: wrong type for value; expected samples; got int"},
      {"{{ value \"x\" }}",
       "error calling value: wrong type for value; expected a sample; got string"},
      {"{{ tmpl \"nope\" . }}", "template \"nope\" not defined"},
      {"{{ define \"t\" }}{{ tmpl \"t\" . }}{{ end }}{{ tmpl \"t\" 1 }}",
       "exceeded maximum template depth (20)"},
      {"{{ (toDuration 1).Days }}", "can't evaluate field Days in type time.Duration"},
      {"{{ (toDuration 1).Round \"x\" }}", "expected integer; found \"x\""},
      {"{{ toDuration 1e300 }}", "cannot be represented as a duration"},
      {"{{ range $i, $x := (args 1 2) }}{{ end }}{{ toTime 1e300 }}",
       "cannot be represented as a nanoseconds timestamp"},
  };
  for (const Row& row : rows) {
    const std::string text = Expand(row.text);
    EXPECT_NE(text.find(row.error), std::string::npos) << row.text << " gave " << text;
  }
}

TEST(AlertTemplateTest, BoundsItsQueries) {
  std::string text;
  for (int i = 0; i < 101; ++i) text += "{{ $x := query \"none\" }}";
  EXPECT_NE(Expand(text).find("more than 100 queries in one text"), std::string::npos);
}

TEST(AlertTemplateTest, RefusesWhatItCannotParse) {
  EXPECT_EQ(Expand("{{ nofunction }}"),
            "template: __alert_A:1: function \"nofunction\" not defined");
  EXPECT_EQ(Expand("{{ if }}"), "template: __alert_A:1: missing value for if");
  EXPECT_EQ(Expand("{{ regexReplaceAll \"a\" \"b\" \"c\" }}"),
            "template: __alert_A:1: function \"regexReplaceAll\" not defined");
}

TEST(AlertTemplateTest, ShowsWhatFailsWhenItRuns) {
  EXPECT_TRUE(Expand("{{ match \"(\" \"x\" }}").starts_with("<error expanding template: "));
}

}  // namespace
}  // namespace skald::ruler
