#include "logql/stages/json_scalars.h"

#include "logql/stages/json_text.h"
#include "logql/stages/text_scan.h"

namespace skald::logql {
namespace {

constexpr size_t kMaxNesting = 128;  // Deeper objects are passed over; bounds the stack.

// Walks over the objects of one line.
//
// Threads: not synchronised.
class ScalarLister {
 public:
  explicit ScalarLister(std::string_view line)
      : cursor_(line.data()), end_(line.data() + line.size()) {}

  std::vector<JsonScalar> List() {
    cursor_ = SkipJsonSpace(cursor_, end_);
    if (cursor_ != end_ && *cursor_ == '{') {
      ReadObject("");
    }
    return std::move(found_);
  }

 private:
  // Reads the object whose opening brace is at cursor_. False where the line breaks off.
  bool ReadObject(const std::string& prefix) {
    cursor_ = SkipJsonSpace(cursor_ + 1, end_);
    while (cursor_ != end_ && *cursor_ != '}') {
      if (!ReadMember(prefix)) {
        return false;
      }
      cursor_ = SkipJsonSpace(cursor_, end_);
      if (cursor_ != end_ && *cursor_ == ',') {
        cursor_ = SkipJsonSpace(cursor_ + 1, end_);
      }
    }
    if (cursor_ == end_) {
      return false;
    }
    ++cursor_;
    return true;
  }

  bool ReadMember(const std::string& prefix) {
    JsonValue value;
    const char* next = *cursor_ == '"' ? ReadJsonString(cursor_ + 1, end_, value) : nullptr;
    std::string_view key;
    if (next == nullptr || !UnescapeJson(value.text, arena_, key)) {
      return false;
    }
    cursor_ = SkipJsonSpace(next, end_);
    if (cursor_ == end_ || *cursor_ != ':') {
      return false;
    }
    cursor_ = SkipJsonSpace(cursor_ + 1, end_);
    std::string label = prefix;
    AppendLabelName(label, key, prefix.empty());
    const bool named = label.size() != prefix.size();
    path_.emplace_back(key);
    const bool read = named && cursor_ != end_ && *cursor_ == '{' && path_.size() < kMaxNesting
                          ? ReadObject(label + "_")
                          : ReadScalar(std::move(label), named);
    path_.pop_back();
    return read;
  }

  bool ReadScalar(std::string label, bool named) {
    JsonValue value;
    if (ReadJsonValue(cursor_, end_, value, cursor_) != JsonError::kNone) {
      return false;
    }
    if (named && value.type != JsonType::kNull && value.type != JsonType::kArray &&
        value.type != JsonType::kObject) {
      found_.push_back({.label = std::move(label), .path = path_});
    }
    return true;
  }

  const char* cursor_;
  const char* const end_;
  TextArena arena_;
  std::vector<std::string> path_;
  std::vector<JsonScalar> found_;
};

}  // namespace

std::vector<JsonScalar> ListJsonScalars(std::string_view line) { return ScalarLister(line).List(); }

}  // namespace skald::logql
