#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "chunkstore/index/label_index.h"
#include "model/ids.h"
#include "model/matcher.h"
#include "support/matchers.h"
#include "support/temp_folder.h"

namespace skald::chunkstore {

inline const model::TenantId kTenant("tenant");

inline model::Matcher Match(model::MatchOp op, std::string_view name, std::string_view value) {
  return *model::Matcher::Make(op, name, value);
}

// An index on disk, which is not open yet.
class IndexFixture : public testing::Test {
 protected:
  std::string Folder() const { return folder_.path() + "/index"; }

  void Reopen(LabelIndex::Options options = {}) {
    index_.reset();
    options.folder = Folder();
    auto index = LabelIndex::Open(options);
    ASSERT_THAT(index, test::IsOk());
    index_ = *std::move(index);
  }

  const test::TempFolder folder_;
  std::unique_ptr<LabelIndex> index_;
};

}  // namespace skald::chunkstore
