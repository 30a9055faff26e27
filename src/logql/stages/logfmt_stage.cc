#include "logql/stages/logfmt_stage.h"

#include <memory>
#include <utility>

#include "common/utf8.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {
namespace {

constexpr std::string_view kLogfmtParserError = "LogfmtParserErr";
constexpr size_t kMaxKeys = 16384;     // Known at a time; keys may be words that never recur.
constexpr size_t kMaxLinearKeys = 16;  // From here on a key is looked up by hash.

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

LogfmtStage::LogfmtStage(const LogfmtParser& options, LabelNeeds needs, LabelColumns& labels)
    : strict_(options.strict),
      keep_empty_(options.keep_empty),
      needs_(std::move(needs)),
      labels_(labels) {}

void LogfmtStage::Run(RowSlice& rows) {
  if (epoch_ != labels_.epoch() || keys_.size() > kMaxKeys) {
    keys_.clear();
    index_.clear();
    epoch_ = labels_.epoch();
  }
  LogfmtReader reader(rows.arena());
  for (const uint16_t i : rows.active()) {
    RunRow(rows, i, reader);
  }
}

void LogfmtStage::RunRow(RowSlice& rows, size_t i, LogfmtReader& reader) {
  size_t missing = needs_.names.size();
  next_ = 0;
  reader.Begin(rows.Line(i));
  while (!reader.AtEnd()) {
    if (!reader.Next()) {
      if (strict_ && reader.error() != LogfmtReader::Error::kNone) {
        labels_.SetError(i, kLogfmtParserError, reader.ErrorText());
        return;
      }
      continue;
    }
    const Slot slot = FindKey(reader.key());
    if (slot == kNoSlot || (reader.value().empty() && !keep_empty_)) {
      continue;
    }
    const Slot target = labels_.AddParsed(slot, i, BlankInvalidUtf8(reader.value(), rows.arena()));
    if (target == slot && !needs_.all && --missing == 0) {
      return;
    }
  }
}

Slot LogfmtStage::FindKey(std::string_view raw) {
  if (next_ < keys_.size() && keys_[next_].raw == raw) {
    return keys_[next_++].slot;
  }
  if (keys_.size() <= kMaxLinearKeys) {
    for (size_t k = 0; k < keys_.size(); ++k) {
      if (keys_[k].raw == raw) {
        next_ = k + 1;
        return keys_[k].slot;
      }
    }
  } else if (const auto it = index_.find(raw); it != index_.end()) {
    next_ = it->second + 1;
    return keys_[it->second].slot;
  }
  Key key{.raw = std::string(raw)};
  std::string name;
  AppendLabelName(name, raw, true);
  if (!name.empty() && (needs_.Wants(name) || needs_.Wants(name + "_extracted"))) {
    key.slot = labels_.InternParsed(name);
  }
  index_.emplace(key.raw, static_cast<uint32_t>(keys_.size()));
  keys_.push_back(std::move(key));
  next_ = keys_.size();
  return keys_.back().slot;
}

// An identifier, or any text in double quotes.
Result<std::string> LogfmtExpressionStage::KeyOf(std::string_view expression) {
  const auto refuse = [expression](std::string_view cause) {
    return InvalidArgument("cannot parse expression [" + std::string(expression) +
                           "]: " + std::string(cause));
  };
  if (expression.size() >= 2 && expression.front() == '"' && expression.back() == '"') {
    return std::string(expression.substr(1, expression.size() - 2));
  }
  if (expression.empty()) {
    return refuse("unexpected end of expression");
  }
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (!IsNameStart(c) && (i == 0 || c < '0' || c > '9')) {
      const std::string_view rest = expression.substr(i);
      return refuse("unexpected char " + std::string(rest.substr(0, DecodeRune(rest).length)));
    }
  }
  return std::string(expression);
}

Result<std::unique_ptr<BatchStage>> LogfmtExpressionStage::Make(const LogfmtParser& options,
                                                                LabelColumns& labels) {
  std::unique_ptr<LogfmtExpressionStage> stage(new LogfmtExpressionStage(options.strict, labels));
  for (const Extraction& extraction : options.extractions) {
    SKALD_ASSIGN_OR_RETURN(std::string key, KeyOf(extraction.expression));
    stage->targets_.push_back({.key = std::move(key), .slot = labels.Intern(extraction.name)});
  }
  return std::unique_ptr<BatchStage>(std::move(stage));
}

void LogfmtExpressionStage::Run(RowSlice& rows) {
  LogfmtReader reader(rows.arena());
  for (const uint16_t i : rows.active()) {
    RunRow(rows, i, reader);
  }
}

void LogfmtExpressionStage::RunRow(RowSlice& rows, size_t i, LogfmtReader& reader) {
  for (Target& target : targets_) {
    target.found = false;
    target.value = "";
  }
  reader.Begin(rows.Line(i));
  while (!reader.AtEnd()) {
    if (!reader.Next()) {
      if (strict_ && reader.error() != LogfmtReader::Error::kNone) {
        break;
      }
      continue;
    }
    for (Target& target : targets_) {
      // Compat: of several the last one counts, unless its name is taken.
      if (target.key == reader.key() && (!target.found || !labels_.IsTaken(target.slot, i))) {
        target.found = true;
        target.value = BlankInvalidUtf8(reader.value(), rows.arena());
      }
    }
  }
  for (const Target& target : targets_) {
    std::string_view known;
    if (target.found || !labels_.Find(target.slot, i, known)) {
      labels_.AddParsed(target.slot, i, target.value);
    }
  }
  if (strict_ && reader.error() != LogfmtReader::Error::kNone) {
    labels_.SetError(i, kLogfmtParserError, reader.ErrorText());
  }
}

}  // namespace skald::logql
