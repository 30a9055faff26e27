#include "model/labels.h"

#include <algorithm>
#include <cstring>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/quote.h"
#include "common/unquote.h"
#include "common/utf8.h"
#include "model/label_name.h"

namespace skald::model {
namespace {

// Reads a length-prefixed text of a checked encoding and moves `p` past it.
std::string_view TakeText(const char*& p) {
  auto length = static_cast<uint64_t>(static_cast<uint8_t>(*p++));
  if (length >= 0x80) {
    length &= 0x7f;
    for (int shift = 7;; shift += 7) {
      const auto byte = static_cast<uint8_t>(*p++);
      length |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
  }
  const std::string_view text(p, length);
  p += length;
  return text;
}

// Requires: sorted by name, each name once.
template <typename Pairs>
std::string Encode(const Pairs& pairs) {
  size_t bytes = 0;
  for (const auto& [name, value] : pairs) bytes += name.size() + value.size() + 4;
  std::string encoded;
  encoded.reserve(bytes);
  for (const auto& [name, value] : pairs) {
    PutLengthPrefixed(encoded, name);
    PutLengthPrefixed(encoded, value);
  }
  return encoded;
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool IsNameByte(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Reads {name="value", ...} for ParseLabels.
class LabelTextParser {
 public:
  explicit LabelTextParser(std::string_view text) : text_(text) {}

  Result<Labels> Parse() {
    if (!IsValidUtf8(text_)) return Error("invalid UTF-8");
    const bool named = TakeMetricName();
    if (named && Peek() == '\0' && at_ == text_.size()) return Build();
    if (!Take('{')) return Unexpected("before the label set, expected \"{\"");
    while (!Take('}')) {
      SKALD_RETURN_IF_ERROR(ParsePair());
      if (!Take(',') && Peek() != '}') return Unexpected("in label set, expected \",\" or \"}\"");
    }
    if (Peek() != '\0' || at_ < text_.size()) return Unexpected("after the label set");
    return Build();
  }

 private:
  struct Pair {
    std::string name;
    std::string value;
  };

  // The next character past blanks and comments; '\0' at the end.
  char Peek() {
    while (at_ < text_.size() && (IsBlank(text_[at_]) || text_[at_] == '#')) {
      at_ = text_[at_] == '#' ? std::min(text_.find('\n', at_), text_.size()) : at_ + 1;
    }
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool Take(char c) {
    if (Peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  // The name at the front, empty if there is none.
  std::string_view TakeName() {
    const char first = Peek();
    if (first >= '0' && first <= '9') return {};
    const size_t begin = at_;
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // As in Prometheus' notation of samples, metric{...} and {"metric", ...} are a label __name__.
  void AddMetricName(std::string_view name) {
    if (!name.empty()) pairs_.push_back({.name = "__name__", .value = std::string(name)});
  }

  bool IsAtQuote() {
    const char next = Peek();
    return next == '"' || next == '\'' || next == '`';
  }

  // Colons may be part of it.
  bool TakeMetricName() {
    const char first = Peek();
    if (first >= '0' && first <= '9') return false;
    const size_t begin = at_;
    while (at_ < text_.size() && (IsNameByte(text_[at_]) || text_[at_] == ':')) ++at_;
    if (at_ == begin) return false;
    AddMetricName(text_.substr(begin, at_ - begin));
    return true;
  }

  Status ParsePair() {
    Pair pair;
    const bool quoted = IsAtQuote();
    const size_t begin = at_;
    if (quoted) {
      SKALD_RETURN_IF_ERROR(TakeQuoted(pair.name));
      if (Peek() == ',' || Peek() == '}') {
        AddMetricName(pair.name);
        return {};
      }
    } else {
      pair.name = TakeName();
    }
    if (!IsLabelName(pair.name)) {
      at_ = begin;
      return quoted ? Error("invalid label name " + GoQuote(pair.name))
                    : Unexpected("in label set, expected a label name or \"}\"");
    }
    if (!Take('=')) return Unexpected("in label set, expected \"=\"");
    if (!IsAtQuote()) return Unexpected("in label set, expected a quoted string");
    SKALD_RETURN_IF_ERROR(TakeQuoted(pair.value));
    if (!pair.value.empty()) pairs_.push_back(std::move(pair));
    return {};
  }

  // Requires: IsAtQuote().
  Status TakeQuoted(std::string& value) {
    const char quote = text_[at_];
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) {
      end += (text_[end] == '\\' && quote != '`') ? 2 : 1;
    }
    if (end >= text_.size()) return Error("unterminated quoted string");
    Result<std::string> unquoted = GoUnquote(text_.substr(at_, end + 1 - at_));
    if (!unquoted.ok()) return Error(unquoted.status().message());
    value = *std::move(unquoted);
    at_ = end + 1;
    return {};
  }

  Result<Labels> Build() {
    std::sort(pairs_.begin(), pairs_.end(),
              [](const Pair& a, const Pair& b) { return a.name < b.name; });
    for (size_t i = 1; i < pairs_.size(); ++i) {
      if (pairs_[i].name == pairs_[i - 1].name) {
        return Status(StatusCode::kAlreadyExists, std::string(pairs_[i].name));
      }
    }
    std::vector<LabelView> views;
    views.reserve(pairs_.size());
    for (const Pair& pair : pairs_) views.push_back({pair.name, pair.value});
    return Labels(std::move(views));
  }

  Status Unexpected(std::string_view where) {
    const char next = Peek();
    const std::string what =
        at_ < text_.size() ? GoQuote(std::string_view(&next, 1)) : "end of input";
    return Error("unexpected " + what + " " + std::string(where));
  }

  // With the line and column, both from one, of where the parser stands.
  Status Error(std::string_view message) const {
    const std::string_view before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const size_t newline = before.rfind('\n');
    const size_t column = newline == std::string_view::npos ? at_ + 1 : at_ - newline;
    return InvalidArgument(std::to_string(line) + ":" + std::to_string(column) +
                           ": parse error: " + std::string(message));
  }

  const std::string_view text_;
  size_t at_ = 0;
  std::vector<Pair> pairs_;
};

}  // namespace

Labels::Iterator::Iterator(const char* rest, const char* end)
    : rest_(rest), next_(rest), end_(end) {
  Load();
}

void Labels::Iterator::Load() {
  if (next_ == end_) return;
  current_.name = TakeText(next_);
  current_.value = TakeText(next_);
}

Labels::Iterator& Labels::Iterator::operator++() {
  rest_ = next_;
  Load();
  return *this;
}

Labels::Labels(std::vector<LabelView> labels) {
  const auto by_name = [](const LabelView& a, const LabelView& b) { return a.name < b.name; };
  if (!std::is_sorted(labels.begin(), labels.end(), by_name)) {
    std::stable_sort(labels.begin(), labels.end(), by_name);
  }
  // Of equal names the last stays.
  size_t kept = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i + 1 == labels.size() || labels[i].name != labels[i + 1].name) labels[kept++] = labels[i];
  }
  labels.resize(kept);
  encoded_ = Encode(labels);
}

Labels::Labels(std::initializer_list<LabelView> labels) : Labels(std::vector<LabelView>(labels)) {}

Result<Labels> Labels::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  std::string_view previous;
  for (bool first = true; !reader.AtEnd(); first = false) {
    const std::string_view name = reader.LengthPrefixed();
    reader.LengthPrefixed();
    if (reader.failed()) break;
    if (!first && name <= previous) return DataLoss("labels: names out of order");
    previous = name;
  }
  SKALD_RETURN_IF_ERROR(reader.Finish("labels"));
  Labels labels;
  labels.encoded_ = bytes;
  return labels;
}

Labels::Iterator Labels::begin() const {
  return Iterator(encoded_.data(), encoded_.data() + encoded_.size());
}

Labels::Iterator Labels::end() const {
  const char* end = encoded_.data() + encoded_.size();
  return Iterator(end, end);
}

size_t Labels::size() const {
  size_t count = 0;
  for (auto it = begin(); it != end(); ++it) ++count;
  return count;
}

std::string_view Labels::Get(std::string_view name) const {
  for (const LabelView& label : *this) {
    if (label.name == name) return label.value;
  }
  return {};
}

bool Labels::Has(std::string_view name) const {
  for (const LabelView& label : *this) {
    if (label.name == name) return true;
  }
  return false;
}

std::string Labels::ToString() const {
  std::string text = "{";
  for (const LabelView& label : *this) {
    if (text.size() > 1) text += ", ";
    text += label.name;
    text += '=';
    AppendGoQuoted(text, label.value);
  }
  text += '}';
  return text;
}

Fingerprint Labels::Hash() const { return Fingerprint(Hash64(encoded_)); }

std::strong_ordering Labels::operator<=>(const Labels& other) const {
  Iterator a = begin();
  Iterator b = other.begin();
  for (; a != end() && b != other.end(); ++a, ++b) {
    if (const auto order = *a <=> *b; order != 0) return order;
  }
  return (b == other.end()) <=> (a == end());
}

LabelsBuilder::LabelsBuilder(const Labels& base) {
  for (const LabelView& label : base) labels_.emplace_back(label.name, label.value);
}

LabelsBuilder& LabelsBuilder::Set(std::string_view name, std::string_view value) {
  if (value.empty()) return Del(name);
  for (auto& [known, current] : labels_) {
    if (known == name) {
      current = value;
      return *this;
    }
  }
  labels_.emplace_back(name, value);
  return *this;
}

LabelsBuilder& LabelsBuilder::Del(std::string_view name) {
  std::erase_if(labels_, [&](const auto& label) { return label.first == name; });
  return *this;
}

Labels LabelsBuilder::Build() const {
  std::vector<LabelView> views;
  views.reserve(labels_.size());
  for (const auto& [name, value] : labels_) views.push_back({name, value});
  return Labels(std::move(views));
}

Result<Labels> ParseLabels(std::string_view text) { return LabelTextParser(text).Parse(); }

}  // namespace skald::model
