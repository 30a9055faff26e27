#pragma once

#include <memory>
#include <vector>

#include "logql/ast.h"
#include "logql/stages/field_keys.h"
#include "logql/stages/label_needs.h"
#include "model/line_excerpt.h"

namespace skald::logql {

// Of lines in JSON or logfmt, the fields that a query looks at: `{"status":500}` is all that
// `| json | status=500` reads of a line with twenty members. A field is left out only if parsers
// are sure to pass over it, so that they find the same in the excerpt, errors included.
//
// Threads: immutable; any thread may call.
class FieldExcerpt final : public model::LineExcerpt {
 public:
  enum class Syntax { kJson, kLogfmt };

  FieldExcerpt(Syntax syntax, FieldKeys keys) : syntax_(syntax), keys_(std::move(keys)) {}

  bool Cut(const model::LineOutline& outline, std::vector<Range>& kept) const override;

  // Whether who asked for `other` gets all of it here.
  bool Covers(const FieldExcerpt& other) const {
    return syntax_ == other.syntax_ && keys_.Includes(other.keys_);
  }
  Syntax syntax() const { return syntax_; }
  const FieldKeys& keys() const { return keys_; }

 private:
  const Syntax syntax_;
  const FieldKeys keys_;
};

// What the stage, the only one that reads lines, reads of them. Null if that may be anything.
std::shared_ptr<const FieldExcerpt> ExcerptFor(const Stage& stage, const LabelNeeds& needs);

// What readers of both need; null if that is whole lines, as it is if one is null.
std::shared_ptr<const model::LineExcerpt> JoinExcerpts(
    const std::shared_ptr<const model::LineExcerpt>& one,
    const std::shared_ptr<const model::LineExcerpt>& other);
// Whether a reader who needs `other` may be given `one`; null: whole lines.
bool CoversExcerpt(const model::LineExcerpt* one, const model::LineExcerpt* other);

}  // namespace skald::logql
