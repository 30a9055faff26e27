#include "logql/stages/json_expression_stage.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace skald::logql {

Result<std::unique_ptr<BatchStage>> JsonExpressionStage::Make(const JsonParser& options,
                                                              LabelColumns& labels) {
  std::unique_ptr<JsonExpressionStage> stage(new JsonExpressionStage(labels));
  size_t longest = 0;
  for (const Extraction& extraction : options.extractions) {
    SKALD_ASSIGN_OR_RETURN(JsonPath path, ParseJsonPath(extraction.expression));
    longest = std::max(longest, path.size());
    stage->targets_.push_back({.path = std::move(path), .slot = labels.Intern(extraction.name)});
  }
  stage->candidates_.resize(longest + 1);
  stage->candidates_[0].resize(stage->targets_.size());
  std::iota(stage->candidates_[0].begin(), stage->candidates_[0].end(), uint32_t{0});
  return std::unique_ptr<BatchStage>(std::move(stage));
}

void JsonExpressionStage::Run(RowSlice& rows) {
  arena_ = &rows.arena();
  for (const uint16_t i : rows.active()) {
    RunRow(rows, i);
  }
}

void JsonExpressionStage::RunRow(RowSlice& rows, size_t i) {
  const std::string_view line = rows.Line(i);
  end_ = line.data() + line.size();
  const char* p = line.data();  // Compat: a blank in front is an error here, unlike with `| json`.
  if (p == end_ || (*p != '{' && *p != '[' && *p != '"')) {
    labels_.SetError(i, "JSONParserErr", "");
    return;
  }
  missing_ = targets_.size();
  for (Target& target : targets_) {
    target.found = false;
    target.value = "";
  }
  ReadValue(p, 0);
  for (const Target& target : targets_) {
    std::string_view known;
    if (target.found || !labels_.Find(target.slot, i, known)) {
      labels_.AddParsed(target.slot, i, target.value);
    }
  }
}

const char* JsonExpressionStage::ReadValue(const char* p, size_t depth) {
  if (p != end_ && *p == '{') {
    return ReadObject(p + 1, depth);
  }
  if (p != end_ && *p == '[') {
    return ReadArray(p + 1, depth);
  }
  JsonValue value;
  const char* next = nullptr;
  return ReadJsonValue(p, end_, value, next) == JsonError::kNone ? next : nullptr;
}

const char* JsonExpressionStage::ReadObject(const char* p, size_t depth) {
  for (p = SkipJsonSpace(p, end_); p != end_ && *p == '"'; p = SkipJsonSpace(p, end_)) {
    JsonValue key;
    p = ReadJsonString(p + 1, end_, key);
    std::string_view name = key.text;
    if (p == nullptr || (key.escaped && !UnescapeJson(key.text, *arena_, name))) {
      return nullptr;
    }
    p = SkipJsonSpace(p, end_);
    if (p == end_ || *p != ':') {
      return nullptr;
    }
    Match(depth, false, name, 0);
    p = ReadMatched(SkipJsonSpace(p + 1, end_), depth + 1);
    if (p == nullptr || missing_ == 0) {
      return nullptr;
    }
    p = SkipJsonSpace(p, end_);
    if (p != end_ && *p == ',') {
      ++p;
    }
  }
  return p != end_ && *p == '}' ? p + 1 : nullptr;
}

const char* JsonExpressionStage::ReadArray(const char* p, size_t depth) {
  p = SkipJsonSpace(p, end_);
  for (size_t index = 0; p != end_ && *p != ']'; ++index) {
    Match(depth, true, {}, index);
    p = ReadMatched(p, depth + 1);
    if (p == nullptr || missing_ == 0) {
      return nullptr;
    }
    p = SkipJsonSpace(p, end_);
    if (p != end_ && *p == ',') {
      p = SkipJsonSpace(p + 1, end_);
    } else if (p == end_ || *p != ']') {
      return nullptr;
    }
  }
  return p != end_ ? p + 1 : nullptr;
}

// Lists in candidates_[depth + 1] the targets that go on below the step taken.
void JsonExpressionStage::Match(size_t depth, bool is_index, std::string_view key, size_t index) {
  Candidates& below = candidates_[depth + 1];
  below.clear();
  for (const uint32_t t : candidates_[depth]) {
    const Target& target = targets_[t];
    if (target.found || target.path.size() <= depth) {
      continue;
    }
    const JsonStep& step = target.path[depth];
    if (step.is_index == is_index && (is_index ? step.index == index : step.key == key)) {
      below.push_back(t);
    }
  }
}

// Reads a value whose candidates are listed: as a whole if a path ends here, else inside it.
const char* JsonExpressionStage::ReadMatched(const char* p, size_t depth) {
  const Candidates& here = candidates_[depth];
  const bool ends_here = std::any_of(here.begin(), here.end(),
                                     [&](uint32_t t) { return targets_[t].path.size() == depth; });
  JsonValue value;
  const char* next = nullptr;
  if (here.empty() || ends_here) {
    if (ReadJsonValue(p, end_, value, next) != JsonError::kNone) {
      return nullptr;
    }
    if (here.empty()) {
      return next;
    }
    Take(value, depth);
  }
  const bool goes_on = std::any_of(here.begin(), here.end(),
                                   [&](uint32_t t) { return targets_[t].path.size() > depth; });
  return goes_on ? ReadValue(p, depth) : next;
}

void JsonExpressionStage::Take(const JsonValue& value, size_t depth) {
  std::string_view text = value.text;
  if (value.type == JsonType::kNull) {
    text = "";
  } else if (value.type == JsonType::kString) {
    text = JsonLabelText(value, *arena_);
  }
  for (const uint32_t t : candidates_[depth]) {
    Target& target = targets_[t];
    if (target.path.size() == depth && !target.found) {
      target.found = true;
      target.value = text;
      --missing_;
    }
  }
}

}  // namespace skald::logql
