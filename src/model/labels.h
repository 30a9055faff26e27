#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/status.h"
#include "model/ids.h"

namespace skald::model {

struct LabelView {
  std::string_view name;
  std::string_view value;

  friend auto operator<=>(const LabelView&, const LabelView&) = default;
};

// An immutable set of labels, sorted by name, each name once.
//
// Threads: a value; distinct objects are independent.
// Cost:    one allocation. A lookup walks the labels: sets are small.
// Format:  name and value alternating, each with its varint length in front; encoded() is stored
//          in WAL, packs and index.
class Labels {
 public:
  class Iterator {
   public:
    using value_type = LabelView;
    using difference_type = std::ptrdiff_t;
    LabelView operator*() const { return current_; }
    const LabelView* operator->() const { return &current_; }
    Iterator& operator++();
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.rest_ == b.rest_; }

   private:
    friend class Labels;
    // `rest` begins at the label to show.
    Iterator(const char* rest, const char* end);
    void Load();

    const char* rest_;
    const char* next_;
    const char* end_;
    LabelView current_;
  };

  Labels() = default;
  // Sorts; of equal names the last wins. Empty values are kept: whoever builds decides.
  explicit Labels(std::vector<LabelView> labels);
  Labels(std::initializer_list<LabelView> labels);

  // From encoded(). kDataLoss if `bytes` are not such an encoding (order and length checked).
  static Result<Labels> Decode(std::string_view bytes);
  std::string_view encoded() const { return encoded_; }

  Iterator begin() const;
  Iterator end() const;
  bool empty() const { return encoded_.empty(); }
  size_t size() const;

  // Empty when there is no such label.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

  // {a="b", c="d"}, values quoted as Go does. The canonical text that identifies a stream.
  std::string ToString() const;
  // Stable across versions and machines.
  Fingerprint Hash() const;

  // Order of ToString()'s text without building it: by name, then value, label by label.
  std::strong_ordering operator<=>(const Labels& other) const;
  bool operator==(const Labels& other) const { return encoded_ == other.encoded_; }

 private:
  std::string encoded_;
};

// Collects changes to a set of labels.
//
// Threads: not synchronised.
class LabelsBuilder {
 public:
  LabelsBuilder() = default;
  explicit LabelsBuilder(const Labels& base);

  // Later calls win. An empty value removes the label.
  LabelsBuilder& Set(std::string_view name, std::string_view value);
  LabelsBuilder& Del(std::string_view name);
  Labels Build() const;

 private:
  std::vector<std::pair<std::string, std::string>> labels_;
};

// Parses a stream's label text as clients send it: {name="value", ...}, any order and spacing, an
// optional trailing comma, values in double quotes with Go escapes, in single quotes, or raw in
// back-quotes; names may be quoted, too. A name before the braces, or quoted without a value, or
// alone, becomes __name__, whatever characters are in its quotes.
// Pairs with an empty value are dropped. kInvalidArgument with the position: `1:5: parse error:
// unexpected ...`; kAlreadyExists for a name given twice (message is the name).
Result<Labels> ParseLabels(std::string_view text);

}  // namespace skald::model
