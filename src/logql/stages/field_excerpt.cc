#include "logql/stages/field_excerpt.h"

#include <string>
#include <utility>
#include <variant>

#include "logql/stages/json_outline.h"
#include "logql/stages/json_path.h"
#include "logql/stages/logfmt_outline.h"
#include "logql/stages/logfmt_stage.h"

namespace skald::logql {
namespace {

using Excerpt = std::shared_ptr<const FieldExcerpt>;

Excerpt ExcerptOf(const JsonParser& parser, const LabelNeeds& needs) {
  if (parser.extractions.empty()) {
    return std::make_shared<FieldExcerpt>(FieldExcerpt::Syntax::kJson,
                                          FieldKeys{.labels = needs, .keys = {}});
  }
  FieldKeys fields;
  for (const Extraction& extraction : parser.extractions) {
    const Result<JsonPath> path = ParseJsonPath(extraction.expression);
    if (!path.ok() || path->empty() || path->front().is_index) return nullptr;
    fields.Add({.labels = {.all = false, .names = {}}, .keys = {path->front().key}});
  }
  return std::make_shared<FieldExcerpt>(FieldExcerpt::Syntax::kJson, std::move(fields));
}

// With --strict, errors tell where in the line they are.
Excerpt ExcerptOf(const LogfmtParser& parser, const LabelNeeds& needs) {
  if (parser.strict) return nullptr;
  if (parser.extractions.empty()) {
    return std::make_shared<FieldExcerpt>(FieldExcerpt::Syntax::kLogfmt,
                                          FieldKeys{.labels = needs, .keys = {}});
  }
  FieldKeys fields;
  for (const Extraction& extraction : parser.extractions) {
    const Result<std::string> key = LogfmtExpressionStage::KeyOf(extraction.expression);
    if (!key.ok()) return nullptr;
    fields.Add({.labels = {.all = false, .names = {}}, .keys = {*key}});
  }
  return std::make_shared<FieldExcerpt>(FieldExcerpt::Syntax::kLogfmt, std::move(fields));
}

}  // namespace

bool FieldExcerpt::Cut(const model::LineOutline& outline, std::vector<Range>& kept) const {
  return syntax_ == Syntax::kJson ? CutJson(outline, keys_, kept) : CutLogfmt(outline, keys_, kept);
}

std::shared_ptr<const FieldExcerpt> ExcerptFor(const Stage& stage, const LabelNeeds& needs) {
  if (needs.all) return nullptr;
  if (const auto* json = std::get_if<JsonParser>(&stage)) return ExcerptOf(*json, needs);
  if (const auto* logfmt = std::get_if<LogfmtParser>(&stage)) return ExcerptOf(*logfmt, needs);
  return nullptr;
}

std::shared_ptr<const model::LineExcerpt> JoinExcerpts(
    const std::shared_ptr<const model::LineExcerpt>& one,
    const std::shared_ptr<const model::LineExcerpt>& other) {
  const auto* a = dynamic_cast<const FieldExcerpt*>(one.get());
  const auto* b = dynamic_cast<const FieldExcerpt*>(other.get());
  if (a == nullptr || b == nullptr || a->syntax() != b->syntax()) return nullptr;
  if (a->Covers(*b)) return one;
  FieldKeys keys = a->keys();
  keys.Add(b->keys());
  return std::make_shared<FieldExcerpt>(a->syntax(), std::move(keys));
}

bool CoversExcerpt(const model::LineExcerpt* one, const model::LineExcerpt* other) {
  if (one == nullptr) return true;
  const auto* a = dynamic_cast<const FieldExcerpt*>(one);
  const auto* b = dynamic_cast<const FieldExcerpt*>(other);
  return a != nullptr && b != nullptr && a->Covers(*b);
}

}  // namespace skald::logql
