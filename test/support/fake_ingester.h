#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/text_list.h"
#include "rpc/ingester_client.h"

namespace skald::test {

// An ingester that remembers what it was sent, and answers as it is told.
class FakeIngester : public rpc::IngesterClient {
 public:
  struct Entry {
    int64_t time_ns = 0;
    std::string line;
    std::vector<std::pair<std::string, std::string>> metadata;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  // By the text of their labels.
  const std::map<std::string, std::vector<Entry>>& streams() const { return streams_; }
  int pushes() const { return pushes_; }
  // Of the stream that came last.
  const std::string& last_policy() const { return last_policy_; }

  void Discard() { discard_ = true; }
  // What pushes are answered from now on; what they hold is kept only if it is OK.
  void AnswerWith(Status status) { status_ = std::move(status); }
  void RefuseWith(rpc::PushOutcome outcome) { outcome_ = std::move(outcome); }

  Result<rpc::PushOutcome> Push(const model::TenantId&, const model::PushBatch& batch) override {
    ++pushes_;
    if (!status_.ok()) return status_;
    if (!discard_) Keep(batch);
    return outcome_;
  }

  Result<model::StreamScans> Select(const model::ScanRequest&, model::ScanContext&) override {
    return model::StreamScans();
  }
  Result<std::vector<std::string>> LabelNames(const model::StreamLookup&) override {
    return std::vector<std::string>();
  }
  Result<TextList> LabelValues(const model::StreamLookup&, const std::string&) override {
    return TextList();
  }
  Result<model::SeriesList> Series(const model::StreamLookup&) override {
    return model::SeriesList();
  }
  Result<rpc::StreamStats> Stats(const model::StreamLookup&) override { return rpc::StreamStats(); }
  Result<std::vector<rpc::StreamSize>> Sizes(const model::StreamLookup&) override {
    return std::vector<rpc::StreamSize>();
  }
  Result<std::unique_ptr<rpc::TailFeed>> Tail(rpc::TailRequest) override {
    return Unavailable("a fake ingester is not followed");
  }

 private:
  void Keep(const model::PushBatch& batch) {
    for (const model::PushStream& stream : batch.streams) {
      last_policy_ = stream.policy;
      std::vector<Entry>& entries = streams_[stream.labels->ToString()];
      for (uint32_t i = 0; i < stream.entry_count; ++i) {
        const model::PushEntry& sent = batch.entries[stream.entry_begin + i];
        Entry& entry = entries.emplace_back(Entry{sent.time_ns, std::string(sent.line), {}});
        for (uint32_t k = 0; k < sent.metadata_count; ++k) {
          const model::MetadataPair& pair = batch.metadata[sent.metadata_begin + k];
          entry.metadata.emplace_back(pair.name, pair.value);
        }
      }
    }
  }

  bool discard_ = false;
  Status status_;
  rpc::PushOutcome outcome_;
  int pushes_ = 0;
  std::string last_policy_;
  std::map<std::string, std::vector<Entry>> streams_;
};

}  // namespace skald::test
