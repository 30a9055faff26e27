#include "logql/stages/json_stage.h"

#include <utility>

namespace skald::logql {
namespace {

constexpr int kMaxNesting = 128;       // Deeper objects are passed over; bounds the stack.
constexpr size_t kMaxKeys = 16384;     // Known at a time; keys may be ids that never recur.
constexpr size_t kMaxLinearKeys = 16;  // From here on a key is looked up by hash.

}  // namespace

JsonStage::JsonStage(LabelNeeds needs, LabelColumns& labels)
    : needs_(std::move(needs)), labels_(labels) {
  ForgetKeys();
}

JsonStage::~JsonStage() = default;

void JsonStage::ForgetKeys() {
  objects_.clear();
  objects_.push_back(std::make_unique<Object>());
  key_count_ = 0;
  epoch_ = labels_.epoch();
}

void JsonStage::Run(RowSlice& rows) {
  rows_ = &rows;
  if (epoch_ != labels_.epoch() || key_count_ > kMaxKeys) {
    ForgetKeys();
  }
  for (const uint16_t i : rows.active()) {
    RunRow(i);
  }
}

void JsonStage::RunRow(size_t i) {
  const std::string_view line = rows_->Line(i);
  row_ = i;
  end_ = line.data() + line.size();
  cursor_ = SkipJsonSpace(line.data(), end_);
  missing_ = needs_.names.size();
  nested_.clear();
  error_ = JsonError::kNone;
  if (cursor_ == end_ || *cursor_ != '{') {
    error_ = JsonError::kObject;
  } else {
    ++cursor_;
    ReadObject(*objects_[0], 0);
  }
  if (error_ != JsonError::kNone) {
    labels_.SetError(i, kJsonParserError, JsonErrorText(error_));
  }
}

JsonStage::Outcome JsonStage::Fail(JsonError error, const char* at, int depth) {
  error_ = error;
  stopped_at_ = at;
  stopped_depth_ = depth;
  return Outcome::kError;
}

// Reads the members and the closing brace of the object whose opening brace is behind cursor_.
JsonStage::Outcome JsonStage::ReadObject(Object& object, int depth) {
  object.next = 0;
  cursor_ = SkipJsonSpace(cursor_, end_);
  if (cursor_ == end_) {
    return Fail(JsonError::kJson, cursor_, depth);
  }
  while (*cursor_ != '}') {
    PassUnwanted(object);
    const Outcome outcome = ReadMember(object, depth);
    if (outcome != Outcome::kDone) {
      return outcome;
    }
    cursor_ = SkipJsonSpace(cursor_, end_);
    if (cursor_ == end_) {
      return Fail(JsonError::kArray, cursor_, depth);
    }
    if (*cursor_ == '}') {
      break;
    }
    if (*cursor_ != ',') {
      return Fail(JsonError::kObject, cursor_, depth);
    }
    cursor_ = SkipJsonSpace(cursor_ + 1, end_);
    if (cursor_ == end_) {
      return Fail(JsonError::kArray, cursor_, depth);
    }
  }
  ++cursor_;
  return Outcome::kDone;
}

// Passes over members that come in the order of the line before, are not wanted, and are plain
// strings or numbers, with the next one right behind.
void JsonStage::PassUnwanted(Object& object) {
  for (; object.next < object.keys.size(); ++object.next) {
    const Key& key = object.keys[object.next];
    if (key.wanted() || !key.member.StandsAt(cursor_, end_)) {
      return;
    }
    const char* p = cursor_ + key.member.size();
    if (p == end_) {
      return;
    }
    if (*p == '"') {
      bool ascii = true;
      p = FindQuoteOrBackslash(p + 1, end_, &ascii);
      if (p == end_ || *p++ != '"') {
        return;
      }
    } else if (*p == '-' || (*p >= '0' && *p <= '9')) {
      p = FindJsonLiteralEnd(p, end_);
    } else {
      return;
    }
    if (end_ - p < 2 || p[0] != ',' || p[1] != '"') {
      return;
    }
    cursor_ = p + 1;
  }
}

// Reads a key and the colon behind it. Null after an error.
const JsonStage::Key* JsonStage::ReadKey(Object& object, int depth) {
  if (object.next < object.keys.size()) {
    const Key& key = object.keys[object.next];
    if (key.member.StandsAt(cursor_, end_)) {
      ++object.next;
      cursor_ += key.member.size();
      return &key;
    }
  }
  if (*cursor_ != '"') {
    Fail(JsonError::kObject, cursor_, depth);
    return nullptr;
  }
  JsonValue value;
  const char* const next = ReadJsonString(cursor_ + 1, end_, value);
  if (next == nullptr) {
    Fail(JsonError::kJson, cursor_, depth);
    return nullptr;
  }
  const Key& key = FindKey(object, value.text);
  if (key.invalid) {
    Fail(JsonError::kEscape, next, depth);
    return nullptr;
  }
  cursor_ = SkipJsonSpace(next, end_);
  if (cursor_ == end_ || *cursor_ != ':') {
    Fail(JsonError::kJson, cursor_, depth);
    return nullptr;
  }
  ++cursor_;
  return &key;
}

JsonStage::Outcome JsonStage::ReadMember(Object& object, int depth) {
  const Key* const found = ReadKey(object, depth);
  if (found == nullptr) {
    return Outcome::kError;
  }
  const Key& key = *found;
  cursor_ = SkipJsonSpace(cursor_, end_);
  if (cursor_ != end_ && *cursor_ == '{' && key.object >= 0 && depth < kMaxNesting) {
    return ReadNested(*objects_[static_cast<size_t>(key.object)], depth + 1);
  }
  JsonValue value;
  const char* next = nullptr;
  const JsonError error = ReadJsonValue(cursor_, end_, value, next);
  if (error != JsonError::kNone) {
    return Fail(error, cursor_, depth);
  }
  cursor_ = next;
  if (key.slot == kNoSlot || value.type == JsonType::kNull || value.type == JsonType::kArray ||
      value.type == JsonType::kObject) {
    return Outcome::kDone;
  }
  if (depth > 0) {
    stopped_at_ = cursor_;
    stopped_depth_ = depth;
  }
  return AddValue(key.slot, value);
}

JsonStage::Outcome JsonStage::AddValue(Slot slot, const JsonValue& value) {
  const bool plain = value.type != JsonType::kString || (value.ascii && !value.escaped);
  const std::string_view text = plain ? value.text : JsonLabelText(value, rows_->arena());
  const Slot target = labels_.AddParsed(slot, row_, text);
  if (target == kNoSlot) {
    return Outcome::kDone;
  }
  nested_.push_back(target);
  return target == slot && !needs_.all && --missing_ == 0 ? Outcome::kStop : Outcome::kDone;
}

// Reads an object inside of the line's own. The reference looks for its closing brace before it
// reads the members; here they are read at once, and taken back in the rare case that the brace
// turns out to be missing.
JsonStage::Outcome JsonStage::ReadNested(Object& object, int depth) {
  ++cursor_;
  if (depth > 1) {
    return ReadObject(object, depth);
  }
  nested_.clear();
  const Outcome outcome = ReadObject(object, depth);
  return outcome == Outcome::kDone ? outcome : CheckNestedEnds(outcome);
}

JsonStage::Outcome JsonStage::CheckNestedEnds(Outcome outcome) {
  if (SkipJsonBlock(stopped_at_, end_, '{', '}', stopped_depth_) != nullptr) {
    return outcome;
  }
  for (const Slot slot : nested_) {
    labels_.UndoParsed(slot, row_);
  }
  error_ = JsonError::kObject;
  return Outcome::kError;
}

JsonStage::Key& JsonStage::FindKey(Object& object, std::string_view raw) {
  if (object.next < object.keys.size() && object.keys[object.next].raw == raw) {
    return object.keys[object.next++];
  }
  if (object.keys.size() <= kMaxLinearKeys) {
    for (size_t k = 0; k < object.keys.size(); ++k) {
      if (object.keys[k].raw == raw) {
        object.next = k + 1;
        return object.keys[k];
      }
    }
  } else if (const auto it = object.index.find(raw); it != object.index.end()) {
    object.next = it->second + 1;
    return object.keys[it->second];
  }
  object.index.emplace(std::string(raw), static_cast<uint32_t>(object.keys.size()));
  object.keys.push_back(MakeKey(object, raw));
  object.next = object.keys.size();
  ++key_count_;
  return object.keys.back();
}

JsonStage::Key JsonStage::MakeKey(const Object& object, std::string_view raw) {
  Key key{.raw = std::string(raw)};
  std::string_view text = raw;
  if (raw.find('\\') != std::string_view::npos && !UnescapeJson(raw, rows_->arena(), text)) {
    key.invalid = true;
    return key;
  }
  key.member = ExpectedText('"' + key.raw + "\":");
  std::string name = object.prefix;
  AppendLabelName(name, text, object.prefix.empty());
  if (name.size() == object.prefix.size()) {
    return key;
  }
  if (needs_.Wants(name) || needs_.Wants(name + "_extracted")) {
    key.slot = labels_.InternParsed(name);
  }
  name.push_back('_');
  if (needs_.WantsUnder(name)) {
    key.object = static_cast<int>(objects_.size());
    objects_.push_back(std::make_unique<Object>());
    objects_.back()->prefix = std::move(name);
  }
  return key;
}

}  // namespace skald::logql
