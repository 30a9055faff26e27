#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "logql/ast.h"
#include "logql/parser.h"
#include "model/entry_block.h"
#include "model/log_batch.h"

namespace skald::test {

struct TestRow {
  std::string line;
  model::Labels metadata;
};

// A block with these rows, a nanosecond apart from 0 on.
inline std::shared_ptr<const model::EntryBlock> BlockOf(const std::vector<TestRow>& rows) {
  model::EntryBlockBuilder builder;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<model::MetadataPair> metadata;
    for (const model::LabelView pair : rows[i].metadata) metadata.push_back(pair);
    builder.Append(static_cast<int64_t>(i), i, rows[i].line, metadata);
  }
  return std::make_shared<const model::EntryBlock>(builder.Finish());
}

// All rows of a block.
inline std::vector<uint32_t> AllRows(const model::EntryBlock& block) {
  std::vector<uint32_t> rows(block.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

inline model::LogBatch BatchOf(const model::Labels& stream, const std::vector<TestRow>& rows) {
  model::LogBatch batch{.stream = std::make_shared<const model::Labels>(stream),
                        .block = BlockOf(rows),
                        .selection = {}};
  batch.selection = AllRows(*batch.block);
  return batch;
}

// A log query's tree, kept alive with what it is made of.
class ParsedLog {
 public:
  explicit ParsedLog(const std::string& query) : expr_(*logql::Parse(query)) {}
  const logql::LogExpr& operator*() const { return std::get<logql::LogExpr>(expr_->node); }
  const logql::LogExpr* operator->() const { return &**this; }

 private:
  std::shared_ptr<const logql::Expr> expr_;
};

}  // namespace skald::test
