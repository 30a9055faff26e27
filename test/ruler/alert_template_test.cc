#include "ruler/alert_template.h"

#include <gtest/gtest.h>

#include "support/matchers.h"

namespace skald::ruler {
namespace {

std::string Expand(std::string_view text, double value = 0) {
  const auto parsed = AlertTemplate::Parse("A", text);
  if (!parsed.ok()) return std::string(parsed.status().message());
  const model::Labels labels{{"app", "web"}, {"pod", "a"}};
  return parsed->Expand({.labels = labels, .value = value, .external_url = "http://g"});
}

TEST(AlertTemplateTest, ExpandsLabelsAndValue) {
  EXPECT_EQ(Expand("{{ $labels.app }} {{ $value }} {{ .Value }} {{ $labels.nope }}|", 14814),
            "web 14814 14814 |");
  EXPECT_EQ(Expand("{{ range $k, $v := $labels }}{{ $k }}={{ $v }} {{ end }}"), "app=web pod=a ");
  EXPECT_EQ(Expand("{{ $externalURL }}{{ $externalLabels.x }}"), "http://g");
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
  };
  for (const Row& row : rows) EXPECT_EQ(Expand(row.text, row.value), row.expanded) << row.text;
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
