#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/status.h"
#include "model/labels.h"
#include "ruler/rule_group.h"

namespace skald::ruler {

// What a test of rules says: lines that come in, and what rules and queries make of them. Times
// count from the start of the test. RULE_TESTS.md has the form of the file.
//
// Threads: values.
struct TestLine {
  Nanoseconds at{0};
  std::string line;
  TextMap metadata;
};

struct TestStream {
  model::Labels labels;
  std::vector<TestLine> lines;
};

struct ExpectedAlert {
  TextMap labels;  // All, but for alertname.
  TextMap annotations;
};

// The alerts of this name that fire at a time.
struct AlertCheck {
  SourceLine line;
  Nanoseconds at{0};
  std::string alert;
  std::vector<ExpectedAlert> expected;
};

struct ExpectedSample {
  model::Labels labels;
  double value = 0;
};

// What an expression gives at a time, or what a recording rule has recorded when it last ran.
struct SampleCheck {
  SourceLine line;
  Nanoseconds at{0};
  std::string what;  // The expression, or the rule's name.
  std::vector<ExpectedSample> expected;
};

struct RuleTest {
  std::string name;
  std::string external_url;
  TextMap external_labels;
  std::vector<TestStream> streams;
  std::vector<AlertCheck> alerts;
  std::vector<SampleCheck> expressions;
  std::vector<SampleCheck> recordings;
};

// Rule files, as written: relative to the file of tests, * and ? in names.
struct NamedFiles {
  SourceLine line;
  std::string pattern;

  friend bool operator==(const NamedFiles&, const NamedFiles&) = default;
};

struct RuleTestFile {
  std::vector<NamedFiles> rule_files;
  Nanoseconds evaluation_interval = std::chrono::minutes(1);  // Of groups that do not say.
  std::vector<RuleTest> tests;
};

// kInvalidArgument names the line and what is wrong there; an unknown key is an error.
Result<RuleTestFile> ParseRuleTestFile(std::string_view text);

}  // namespace skald::ruler
