#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/executor.h"
#include "common/quote.h"
#include "common/status.h"

namespace skald {

class TextList;

// Appends JSON to a caller's string. Commas come by themselves; nesting is the caller's to balance.
//
// Order:     (value | Key value)* inside BeginArray/EndArray and BeginObject/EndObject.
// Ownership: borrows `out`, which must outlive the writer.
// Threads:   not synchronised.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  void Key(std::string_view name);

  // Escapes as Go's encoder does: <, >, & and U+2028/9 as \u003c ...; invalid UTF-8 as U+FFFD.
  void String(std::string_view text);
  void Int(int64_t value);
  void Uint(uint64_t value);
  // Shortest decimal that reads back the same; requires a finite value.
  void Double(double value);
  void Bool(bool value);
  void Null();
  // Text that is JSON already.
  void Raw(std::string_view json);

 private:
  void Separate();

  std::string& out_;
  bool need_comma_ = false;
};

// Appends `text` as a quoted JSON string, as JsonWriter::String does.
void AppendJsonString(std::string& out, std::string_view text);
// Appends an array of such strings. The error of `cancel` soon after it is cancelled: `out` has a
// part of them then. With `workers` some of their threads help with many.
Status AppendJsonStrings(std::string& out, const TextList& texts,
                         const CancelToken& cancel = CancelToken(), Executor* workers = nullptr);
// As AppendJsonString, but <, > and & stay as they are.
void AppendJsonStringWithHtml(std::string& out, std::string_view text);
// Appends the shortest decimal without an exponent; "NaN", "+Inf", "-Inf" otherwise. Sample values.
void AppendSampleValue(std::string& out, double value);

}  // namespace skald
