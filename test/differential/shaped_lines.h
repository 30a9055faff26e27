#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "differential/random.h"
#include "differential/rare_texts.h"

namespace skald::differential {

// Lines of one shape, drawn with the object: the same words and separators in all of them, and
// between these values that recur or do not, of kinds that compaction stores as columns and, where
// they are made of parts (addresses, paths, hosts, versions, lists), cuts more finely. Values of
// some shapes hold rare texts, as such parts.
//
//   level=info ip=10.0.17.203 host=web-3.eu-west.example.com took=31ms
//
// Ownership: borrows `random` and `rare`.
// Threads:   not synchronised.
class ShapedLines {
 public:
  ShapedLines(Random& random, RareTexts& rare);

  // The line of an entry with that time.
  std::string Draw(int64_t time_ns);

 private:
  enum class Kind {
    kAddress,
    kPath,
    kHost,
    kPod,
    kUuid,
    kHex,
    kVersion,
    kPairs,
    kTime,
    kNumber,
    kWord,
    kSentence,
    kRareId,
    kEvent
  };
  enum class Style { kLogfmt, kJson, kProse, kAccess };
  struct Field {
    Kind kind = Kind::kWord;
    std::string before;  // What stands in front of its value, behind the value before.
    uint64_t recurring_percent = 0;
    std::vector<std::string> recurring;
  };

  void AddField(std::string_view name, Kind kind);
  std::string Value(const Field& field, int64_t time_ns);
  std::string NewValue(Kind kind, int64_t time_ns);
  std::string Address();
  std::string Path();
  std::string Host();
  std::string Pod();
  std::string Uuid();
  std::string Version();
  std::string Pairs();
  std::string Sentence();
  std::string RareId();
  std::string Event();
  std::string Number(uint64_t limit) { return std::to_string(random_.Below(limit)); }
  std::string Hex(size_t digits);

  Random& random_;
  RareTexts& rare_;
  const Style style_;
  bool quotes_ = false;  // Values of logfmt and prose.
  bool upper_ = false;   // Digits of ids.
  uint64_t time_form_ = 0;
  std::string unit_;       // Of numbers.
  std::string separator_;  // Of pairs.
  std::vector<Field> fields_;
  std::string after_;
};

}  // namespace skald::differential
