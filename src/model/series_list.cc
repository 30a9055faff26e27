#include "model/series_list.h"

#include <string>
#include <utility>
#include <vector>

namespace skald::model {
namespace {

constexpr char kEnd = '\0';
constexpr char kEscape = '\1';

bool IsSpecial(char c) { return c == kEnd || c == kEscape; }

// Without a branch, so that it is many bytes at a time.
bool HasSpecial(std::string_view text) {
  bool has = false;
  for (const char c : text) has |= IsSpecial(c);
  return has;
}

void PutEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (IsSpecial(c)) out.push_back(kEscape);
    out.push_back(IsSpecial(c) ? static_cast<char>(c + 1) : c);
  }
  out.push_back(kEnd);
}

}  // namespace

void SeriesList::Add(const Labels& labels) {
  // Lengths among the encoded ones may be such bytes as well: then it only takes longer.
  const bool escape = HasSpecial(labels.encoded());
  buffer_.clear();
  for (const LabelView& label : labels) {
    for (const std::string_view text : {label.name, label.value}) {
      if (escape) {
        PutEscaped(text, buffer_);
      } else {
        buffer_.append(text).push_back(kEnd);
      }
    }
  }
  texts_.Add(buffer_);
}

Labels SeriesList::operator[](size_t i) const {
  std::vector<std::pair<std::string, std::string>> texts;
  LabelView label;
  for (Reader reader(*this, i); reader.Next(label);) texts.emplace_back(label.name, label.value);
  std::vector<LabelView> views;
  for (const auto& [name, value] : texts) views.push_back({name, value});
  return Labels(std::move(views));
}

bool SeriesList::Reader::Next(LabelView& label) {
  if (rest_.empty()) return false;
  label.name = Take(name_);
  label.value = Take(value_);
  return true;
}

std::string_view SeriesList::Reader::Take(std::string& buffer) {
  const size_t end = rest_.find(kEnd);
  const std::string_view stored = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  if (stored.find(kEscape) == std::string_view::npos) return stored;
  buffer.clear();
  for (size_t i = 0; i < stored.size(); ++i) {
    const bool escaped = stored[i] == kEscape;
    if (escaped) ++i;
    buffer.push_back(escaped ? static_cast<char>(stored[i] - 1) : stored[i]);
  }
  return buffer;
}

}  // namespace skald::model
