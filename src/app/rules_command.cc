#include "app/rules_command.h"

#include <glob.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>
#include <vector>

#include "app/limits_check.h"
#include "app/rule_evaluator.h"
#include "common/executor.h"
#include "common/files.h"
#include "common/logging.h"
#include "common/quote.h"
#include "common/split.h"
#include "common/tenant_limits.h"
#include "logql/parser.h"
#include "querier/held_streams.h"
#include "querier/querier.h"
#include "ruler/rule_checks.h"
#include "ruler/rule_doubts.h"
#include "ruler/rule_test.h"
#include "ruler/rule_test_file.h"
#include "ruler/rule_yaml.h"

namespace skald::app {
namespace {

// The files that `pattern` names, which must be at least one.
Result<std::vector<std::string>> Expand(const std::string& pattern) {
  glob_t found{};
  const int code = ::glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> paths;
  for (size_t i = 0; code == 0 && i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return paths.empty() ? Result<std::vector<std::string>>(NotFound(pattern + ": no such file"))
                       : std::move(paths);
}

Result<std::vector<std::string>> ExpandAll(const std::vector<std::string>& patterns) {
  std::vector<std::string> paths;
  for (const std::string& pattern : patterns) {
    SKALD_ASSIGN_OR_RETURN(const auto found, Expand(pattern));
    paths.insert(paths.end(), found.begin(), found.end());
  }
  return paths;
}

std::vector<std::string> FileList(const std::string& files) {
  std::vector<std::string> list;
  for (const std::string_view file : SplitAtCommas(files)) list.emplace_back(file);
  return list;
}

// A path as seen from the folder of `file`.
std::string Beside(const std::string& file, const std::string& path) {
  const size_t slash = file.rfind('/');
  if (path.starts_with("/") || slash == std::string::npos) return path;
  return file.substr(0, slash + 1) + path;
}

// What is wrong with the rules of a file, in lines; empty if nothing is.
std::vector<std::string> ErrorsOf(const std::vector<ruler::RuleGroup>& groups) {
  std::vector<std::string> errors = ruler::CheckGroups(groups);
  for (const ruler::RuleGroup& group : groups) {
    for (const ruler::Rule& rule : group.rules) {
      const auto expr = logql::Parse(rule.expr);
      if (!expr.ok() || !logql::IsLogExpr(**expr)) continue;
      errors.push_back(ruler::AtLine(rule.line, "group " + group.name + ": rule " + rule.name() +
                                                    ": the expression gives lines, not numbers"));
    }
  }
  return errors;
}

Result<std::vector<ruler::RuleGroup>> ReadGroups(FileSystem& files, const std::string& path) {
  SKALD_ASSIGN_OR_RETURN(const std::string text, files.ReadAll(path));
  return ruler::ParseRuleFileYaml(text);
}

void Print(const std::string& text) { std::fputs((text + "\n").c_str(), stdout); }

int Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

// The lines of one test with what queries them.
class HeldEvaluator final : public ruler::Evaluator {
 public:
  HeldEvaluator(const std::vector<ruler::TestStream>& streams, const LimitsSource& limits,
                Executor& workers, const Clock& clock)
      : querier_(streams_, limits, workers, clock), evaluator_(querier_) {
    for (const ruler::TestStream& stream : streams) Add(stream);
  }

  Result<ruler::EvaluatedQuery> Evaluate(const model::TenantId& tenant, const std::string& expr,
                                         int64_t time_ns, const CancelToken& cancel) override {
    return evaluator_.Evaluate(tenant, expr, time_ns, cancel);
  }

 private:
  void Add(const ruler::TestStream& stream) {
    std::vector<querier::HeldStreams::Entry> entries;
    entries.reserve(stream.lines.size());
    for (const ruler::TestLine& line : stream.lines) {
      auto& entry = entries.emplace_back();
      entry.time_ns = ruler::kTestStartNs + line.at.count();
      entry.line = line.line;
      for (const auto& [name, value] : line.metadata) entry.metadata.push_back({name, value});
    }
    streams_.Add(stream.labels, entries);
  }

  querier::HeldStreams streams_;
  querier::Querier querier_;
  RuleEvaluator evaluator_;
};

// Runs files of tests.
class Tests {
 public:
  explicit Tests(const AppConfig& config)
      : limits_(config.limits, CheckLimits),
        workers_("query-work", std::max(1U, std::thread::hardware_concurrency())) {}

  // Prints what it finds; false if that is not what is expected.
  bool Run(const std::string& path) {
    const auto text = files_->ReadAll(path);
    if (!text.ok()) return Refuse(path, text.status());
    const auto file = ruler::ParseRuleTestFile(*text);
    if (!file.ok()) return Refuse(path, file.status());
    ruler::RuleNamespaces groups;
    if (const Status status = ReadRules(path, *file, groups); !status.ok()) {
      return Refuse(path, status);
    }
    size_t failed = 0;
    for (size_t t = 0; t < file->tests.size(); ++t) {
      const ruler::RuleTest& test = file->tests[t];
      const auto differences = ruler::RunRuleTest(
          test, groups, file->evaluation_interval, [this](const auto& streams, const Clock& clock) {
            return std::make_unique<HeldEvaluator>(streams, limits_, workers_, clock);
          });
      failed += differences.empty() ? 0 : 1;
      const std::string name = test.name.empty() ? std::to_string(t + 1) : GoQuote(test.name);
      for (const std::string& difference : differences) {
        Print(path + ": test " + name + ": " + difference);
      }
    }
    Print(path + ": " + std::to_string(file->tests.size() - failed) + " passed, " +
          std::to_string(failed) + " failed");
    return failed == 0;
  }

 private:
  static bool Refuse(const std::string& path, const Status& status) {
    Print(path + ": " + std::string(status.message()));
    return false;
  }

  // The groups of the rule files, a namespace each.
  Status ReadRules(const std::string& path, const ruler::RuleTestFile& file,
                   ruler::RuleNamespaces& groups) {
    for (const ruler::NamedFiles& named : file.rule_files) {
      const Status status = ReadNamed(Beside(path, named.pattern), groups);
      if (status.ok()) continue;
      return InvalidArgument(ruler::AtLine(named.line, std::string(status.message())));
    }
    return {};
  }

  Status ReadNamed(const std::string& pattern, ruler::RuleNamespaces& groups) {
    SKALD_ASSIGN_OR_RETURN(const auto paths, Expand(pattern));
    for (const std::string& rules : paths) {
      auto read = ReadGroups(*files_, rules);
      SKALD_RETURN_IF_ERROR(Annotate(read.status(), rules));
      if (const auto errors = ErrorsOf(*read); !errors.empty()) {
        return InvalidArgument(rules + ": " + errors.front());
      }
      groups[rules] = *std::move(read);
    }
    return {};
  }

  const std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  const TenantLimits limits_;
  Executor workers_;
};

}  // namespace

int CheckRuleFiles(const AppConfig& config, const std::string& files) {
  const auto paths = ExpandAll(FileList(files));
  if (!paths.ok()) return Fail(paths.status());
  const auto system = MakePosixFileSystem();
  int code = 0;
  for (const std::string& path : *paths) {
    const auto groups = ReadGroups(*system, path);
    const std::vector<std::string> errors =
        groups.ok() ? ErrorsOf(*groups)
                    : std::vector<std::string>{std::string(groups.status().message())};
    for (const std::string& error : errors) Print(path + ": error: " + error);
    if (!errors.empty()) {
      code = 1;
      continue;
    }
    const auto doubts = ruler::FindDoubts(*groups, config.ruler.ruler.evaluation_interval);
    for (const std::string& doubt : doubts) Print(path + ": doubtful: " + doubt);
    size_t rules = 0;
    for (const ruler::RuleGroup& group : *groups) rules += group.rules.size();
    Print(path + ": " + std::to_string(groups->size()) + " groups, " + std::to_string(rules) +
          " rules, " + std::to_string(doubts.size()) + " doubts");
  }
  return code;
}

int TestRuleFiles(const AppConfig& config, const std::string& files) {
  const auto paths = ExpandAll(FileList(files));
  if (!paths.ok()) return Fail(paths.status());
  // Of single queries nothing is said: their errors are among the differences.
  SetLogLevel(LogLevel::kError);
  Tests tests(config);
  bool passed = true;
  for (const std::string& path : *paths) passed = tests.Run(path) && passed;
  return passed ? 0 : 1;
}

}  // namespace skald::app
