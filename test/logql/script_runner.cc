#include "logql/script_runner.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "common/executor.h"
#include "logql/parser.h"

namespace skald::test {
namespace {

using Texts = std::vector<std::string>;

struct AnswerPrinter {
  const logql::Query& query;
  Texts& out;

  void operator()(const model::Streams& streams) const {
    for (const model::ResultStream& stream : streams.streams) {
      for (const model::ResultEntry& entry : stream.entries) {
        out.push_back(ShowEntry(stream.labels, entry, query.categorize_labels));
      }
    }
  }
  void operator()(const model::Matrix& matrix) const {
    for (const model::Series& series : matrix.series) {
      for (const model::Point& point : series.points) {
        out.push_back(ShowPoint(series.labels, point.time_ms * 1'000'000, point.value));
      }
    }
  }
  void operator()(const model::Vector& vector) const {
    for (const model::Series& sample : vector.samples) {
      for (const model::Point& point : sample.points) {
        // The time is shown where it is wrong, and there alone.
        const int64_t time_ns = point.time_ms * 1'000'000;
        const bool right = time_ns == query.end_ns && sample.points.size() == 1;
        out.push_back(ShowPoint(
            sample.labels, right ? std::nullopt : std::optional<int64_t>(time_ns), point.value));
      }
    }
  }
  void operator()(const model::Scalar& scalar) const {
    out.push_back(ShowScalar(scalar.point.value));
  }
};

// Each stream's entries in the opposite order.
model::ResultData Reversed(model::ResultData data) {
  if (auto* streams = std::get_if<model::Streams>(&data)) {
    for (model::ResultStream& stream : streams->streams) {
      std::reverse(stream.entries.begin(), stream.entries.end());
    }
  }
  return data;
}

class ScriptRunner {
 public:
  explicit ScriptRunner(const ScriptSetup& setup)
      : setup_(setup), executor_("script", setup.threads), source_(Fresh()) {}

  std::vector<ScriptFailure> Run(const Script& script) {
    for (const ScriptCommand& command : script) std::visit(*this, command);
    if (evaluations_ == 0) Fail(1, "the script expects nothing");
    return std::move(failures_);
  }

  void operator()(const LoadCommand& load) {
    for (const LoadedEntry& entry : load.entries) {
      source_->Add(entry.stream, entry.time_ns, entry.line, entry.metadata);
    }
  }

  void operator()(const ClearCommand&) { source_ = Fresh(); }

  void operator()(const EvalCommand& eval) {
    ++evaluations_;
    const Result<model::QueryResult> result = Evaluate(eval, eval.parameters);
    if (eval.error.has_value() || !result.ok()) {
      CheckError(eval, result.status());
      return;
    }
    Compare(eval, Show(*result, eval.parameters));
    if (std::holds_alternative<model::Streams>(result->data)) {
      if (eval.both_directions) CheckBackward(eval, *result);
    } else if (!eval.parameters.instant && result->warnings.empty()) {
      CheckInstants(eval, *result);
    }
  }

 private:
  std::unique_ptr<MemorySource> Fresh() const {
    return std::make_unique<MemorySource>(setup_.source);
  }
  void Fail(int line, std::string text) { failures_.push_back({line, std::move(text)}); }

  Result<model::QueryResult> Evaluate(const EvalCommand& eval, const logql::Query& parameters) {
    logql::Query query = parameters;
    query.min_shard_bytes = 1;  // With several threads, small streams are cut like large ones.
    SKALD_ASSIGN_OR_RETURN(query.expr, logql::Parse(eval.query));
    model::ScanContext context;
    SKALD_ASSIGN_OR_RETURN(model::QueryResult result,
                           logql::Engine(*source_, executor_).Run(query, context));
    result.warnings = context.warnings.Take();
    return result;
  }

  static Texts Show(const model::QueryResult& result, const logql::Query& query) {
    Texts texts;
    for (const std::string& warning : result.warnings) texts.push_back(ShowWarning(warning));
    std::visit(AnswerPrinter{query, texts}, result.data);
    return texts;
  }

  void CheckError(const EvalCommand& eval, const Status& status) {
    if (!eval.error.has_value()) {
      Fail(eval.line, "unexpected error: " + status.ToString());
    } else if (status.ok()) {
      Fail(eval.line, "expected the error: " + *eval.error);
    } else if (status.ToString().find(*eval.error) == std::string::npos) {
      Fail(eval.line, "expected the error: " + *eval.error + "\n  got: " + status.ToString());
    }
  }

  void Compare(const EvalCommand& eval, const Texts& got) {
    std::multiset<std::string> left(got.begin(), got.end());
    bool same = true;
    for (const ExpectedItem& item : eval.expected) {
      if (const auto at = left.find(item.text); at != left.end()) {
        left.erase(at);
      } else {
        Fail(item.line, "missing: " + item.text);
        same = false;
      }
    }
    for (const std::string& text : left) Fail(eval.line, "not expected: " + text);
    for (size_t i = 0; same && left.empty() && i < got.size(); ++i) {
      if (got[i] != eval.expected[i].text) {
        Fail(eval.expected[i].line, "out of order; here comes: " + got[i]);
        return;
      }
    }
  }

  void CheckBackward(const EvalCommand& eval, const model::QueryResult& forward) {
    logql::Query parameters = eval.parameters;
    parameters.direction = model::Direction::kBackward;
    Result<model::QueryResult> backward = Evaluate(eval, parameters);
    if (!backward.ok()) {
      Fail(eval.line, "backward: " + backward.status().ToString());
      return;
    }
    backward->data = Reversed(std::move(backward->data));
    CheckSame(eval.line, "backward", Show(*backward, parameters), Show(forward, parameters));
  }

  void CheckInstants(const EvalCommand& eval, const model::QueryResult& range) {
    const auto* matrix = std::get_if<model::Matrix>(&range.data);
    logql::Query parameters = eval.parameters;
    parameters.instant = true;
    for (int64_t at = eval.parameters.start_ns; matrix != nullptr && at <= eval.parameters.end_ns;
         at += eval.parameters.step_ns) {
      Texts wanted;
      for (const model::Series& series : matrix->series) {
        for (const model::Point& point : series.points) {
          if (point.time_ms == at / 1'000'000) {
            wanted.push_back(ShowPoint(series.labels, std::nullopt, point.value));
          }
        }
      }
      parameters.start_ns = parameters.end_ns = at;
      const Result<model::QueryResult> instant = Evaluate(eval, parameters);
      if (!instant.ok()) {
        Fail(eval.line, "instant: " + instant.status().ToString());
      } else if (std::holds_alternative<model::Vector>(instant->data)) {
        CheckSame(eval.line, "instant", Show(*instant, parameters), wanted);
      }
    }
  }

  // Whether another way led to the same answer.
  void CheckSame(int line, const std::string& way, Texts got, Texts wanted) {
    if (way == "instant") {  // Instant vectors may be sorted.
      std::sort(got.begin(), got.end());
      std::sort(wanted.begin(), wanted.end());
    }
    const auto [a, b] = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end());
    if (a != got.end() || b != wanted.end()) {
      Fail(line, way + ": " + (a == got.end() ? "nothing" : *a) + "\n  instead of " +
                     (b == wanted.end() ? "nothing" : *b));
    }
  }

  const ScriptSetup& setup_;
  Executor executor_;
  std::unique_ptr<MemorySource> source_;
  size_t evaluations_ = 0;
  std::vector<ScriptFailure> failures_;
};

}  // namespace

std::vector<ScriptFailure> RunScript(const Script& script, const ScriptSetup& setup) {
  return ScriptRunner(setup).Run(script);
}

}  // namespace skald::test
