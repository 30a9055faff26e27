#include "ruler/rule_test_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "ruler/yaml_reader.h"

namespace skald::ruler {
namespace {

constexpr size_t kMaxLines = 1'000'000;  // Of a test.
constexpr std::string_view kNumber = "{{i}}";

// Lines of one item of `lines`: one at `at`, or one each `every` from `from` to `to`.
struct LineItem {
  Nanoseconds at{-1};
  Nanoseconds from{0};
  Nanoseconds to{-1};
  Nanoseconds every{0};
  std::string line;
  TextMap metadata;
};

std::string WithNumber(std::string text, size_t number) {
  for (size_t at = text.find(kNumber); at != std::string::npos; at = text.find(kNumber, at)) {
    text.replace(at, kNumber.size(), std::to_string(number));
  }
  return text;
}

Status AddLines(const YAML::Node& node, const LineItem& item, std::vector<TestLine>& lines) {
  const bool single = item.at.count() >= 0;
  if (single == (item.every.count() > 0)) {
    return YamlReader::Fail(node, "lines come 'at' a time, or 'every' so often up to 'to'");
  }
  if (single) {
    lines.push_back({.at = item.at, .line = item.line, .metadata = item.metadata});
    return Status();
  }
  if (item.to < item.from) return YamlReader::Fail(node, "'to' must be given, and after 'from'");
  const auto count = static_cast<size_t>((item.to - item.from) / item.every) + 1;
  if (count > kMaxLines - std::min(lines.size(), kMaxLines)) {
    return YamlReader::Fail(node, "a stream has at most " + std::to_string(kMaxLines) + " lines");
  }
  for (size_t i = 0; i < count; ++i) {
    lines.push_back({.at = item.from + static_cast<int64_t>(i) * item.every,
                     .line = WithNumber(item.line, i),
                     .metadata = item.metadata});
  }
  return Status();
}

Status ReadLabels(const YAML::Node& node, const std::string& key, model::Labels& labels) {
  std::string text;
  SKALD_RETURN_IF_ERROR(YamlReader::ReadText(node, key, text));
  auto parsed = model::ParseLabels(text.empty() ? "{}" : text);
  if (!parsed.ok()) return YamlReader::Fail(node, std::string(parsed.status().message()));
  labels = *std::move(parsed);
  return Status();
}

class TestReader {
 public:
  Status ReadFile(const YAML::Node& node, RuleTestFile& file) {
    return yaml_.ReadMap(
        node, "a file of tests", [&](const std::string& key, const YAML::Node& value) {
          if (key == "rule_files") {
            return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
              return ReadNamedFiles(item, file.rule_files.emplace_back());
            });
          }
          if (key == "evaluation_interval") {
            SKALD_RETURN_IF_ERROR(YamlReader::ReadDuration(value, key, file.evaluation_interval));
            return file.evaluation_interval.count() > 0
                       ? Status()
                       : YamlReader::Fail(value, "'evaluation_interval' must be greater than 0");
          }
          if (key == "tests") {
            return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
              return ReadTest(item, file.tests.emplace_back());
            });
          }
          return yaml_.Unknown(key);
        });
  }

 private:
  static Status ReadNamedFiles(const YAML::Node& node, NamedFiles& named) {
    named.line = YamlReader::LineOf(node);
    SKALD_RETURN_IF_ERROR(YamlReader::ReadText(node, "rule_files", named.pattern));
    return named.pattern.empty() ? YamlReader::Fail(node, "a rule file must have a name")
                                 : Status();
  }

  Status ReadTest(const YAML::Node& node, RuleTest& test) {
    return yaml_.ReadMap(node, "a test", [&](const std::string& key, const YAML::Node& value) {
      if (key == "name") return YamlReader::ReadText(value, key, test.name);
      if (key == "external_url") return YamlReader::ReadText(value, key, test.external_url);
      if (key == "external_labels") return yaml_.ReadTexts(value, key, test.external_labels);
      if (key == "input_streams") {
        return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
          return ReadStream(item, test.streams.emplace_back());
        });
      }
      if (key == "alert_rule_test") {
        return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
          return ReadAlertCheck(item, test.alerts.emplace_back());
        });
      }
      if (key == "logql_expr_test") {
        return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
          return ReadSampleCheck(item, "expr", test.expressions.emplace_back());
        });
      }
      if (key == "recording_rule_test") {
        return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
          return ReadSampleCheck(item, "record", test.recordings.emplace_back());
        });
      }
      return yaml_.Unknown(key);
    });
  }

  Status ReadStream(const YAML::Node& node, TestStream& stream) {
    SKALD_RETURN_IF_ERROR(
        yaml_.ReadMap(node, "a stream", [&](const std::string& key, const YAML::Node& value) {
          if (key == "stream") return ReadLabels(value, key, stream.labels);
          if (key == "lines") {
            return yaml_.ReadList(
                value, key, [&](const YAML::Node& item) { return ReadLine(item, stream.lines); });
          }
          return yaml_.Unknown(key);
        }));
    return stream.labels.empty() ? YamlReader::Fail(node, "'stream' must have labels") : Status();
  }

  Status ReadLine(const YAML::Node& node, std::vector<TestLine>& lines) {
    LineItem read;
    SKALD_RETURN_IF_ERROR(
        yaml_.ReadMap(node, "a line", [&](const std::string& key, const YAML::Node& value) {
          if (key == "at") return YamlReader::ReadDuration(value, key, read.at);
          if (key == "from") return YamlReader::ReadDuration(value, key, read.from);
          if (key == "to") return YamlReader::ReadDuration(value, key, read.to);
          if (key == "every") return YamlReader::ReadDuration(value, key, read.every);
          if (key == "line") return YamlReader::ReadText(value, key, read.line);
          if (key == "metadata") return yaml_.ReadTexts(value, key, read.metadata);
          return yaml_.Unknown(key);
        }));
    return AddLines(node, read, lines);
  }

  Status ReadAlertCheck(const YAML::Node& node, AlertCheck& check) {
    check.line = YamlReader::LineOf(node);
    SKALD_RETURN_IF_ERROR(yaml_.ReadMap(
        node, "a test of alerts", [&](const std::string& key, const YAML::Node& value) {
          if (key == "eval_time") return YamlReader::ReadDuration(value, key, check.at);
          if (key == "alertname") return YamlReader::ReadText(value, key, check.alert);
          if (key == "exp_alerts") {
            return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
              return ReadExpectedAlert(item, check.expected.emplace_back());
            });
          }
          return yaml_.Unknown(key);
        }));
    return check.alert.empty() ? YamlReader::Fail(node, "'alertname' must be given") : Status();
  }

  Status ReadExpectedAlert(const YAML::Node& node, ExpectedAlert& alert) {
    return yaml_.ReadMap(node, "an alert", [&](const std::string& key, const YAML::Node& value) {
      if (key == "exp_labels") return yaml_.ReadTexts(value, key, alert.labels);
      if (key == "exp_annotations") return yaml_.ReadTexts(value, key, alert.annotations);
      return yaml_.Unknown(key);
    });
  }

  // `subject` is the key of the expression or the rule.
  Status ReadSampleCheck(const YAML::Node& node, const std::string& subject, SampleCheck& check) {
    check.line = YamlReader::LineOf(node);
    SKALD_RETURN_IF_ERROR(yaml_.ReadMap(
        node, "a test of samples", [&](const std::string& key, const YAML::Node& value) {
          if (key == "eval_time") return YamlReader::ReadDuration(value, key, check.at);
          if (key == subject) return YamlReader::ReadText(value, key, check.what);
          if (key == "exp_samples") {
            return yaml_.ReadList(value, key, [&](const YAML::Node& item) {
              return ReadSample(item, check.expected.emplace_back());
            });
          }
          return yaml_.Unknown(key);
        }));
    return check.what.empty() ? YamlReader::Fail(node, "'" + subject + "' must be given")
                              : Status();
  }

  Status ReadSample(const YAML::Node& node, ExpectedSample& sample) {
    return yaml_.ReadMap(node, "a sample", [&](const std::string& key, const YAML::Node& value) {
      if (key == "labels") return ReadLabels(value, key, sample.labels);
      if (key == "value") return YamlReader::ReadFloat(value, key, sample.value);
      return yaml_.Unknown(key);
    });
  }

  YamlReader yaml_{YamlReader::UnknownKeys::kRefused};
};

}  // namespace

Result<RuleTestFile> ParseRuleTestFile(std::string_view text) {
  RuleTestFile file;
  SKALD_RETURN_IF_ERROR(ReadYamlDocument(
      text, [&](const YAML::Node& node) { return TestReader().ReadFile(node, file); }));
  return file;
}

}  // namespace skald::ruler
