#pragma once

#include <string_view>
#include <vector>

namespace skald::test {

// A template, run on one row: time 1700000000.123456789 in a zone that is UTC, line
// `level=info msg="done"`, and the labels of template_rows.cc.
struct TemplateRow {
  std::string_view text;
  std::string_view expected;
};

// Holds that each row's template gives that output.
void CheckTexts(const std::vector<TemplateRow>& rows);
// Holds that none parses, with that error behind `template: line:`.
void CheckParseErrors(const std::vector<TemplateRow>& rows);
// Holds that all parse and none runs, with that error behind `template: line:` and without
// `executing "line"`.
void CheckRunErrors(const std::vector<TemplateRow>& rows);

}  // namespace skald::test
