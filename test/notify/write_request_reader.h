#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include "common/compress.h"
#include "notify/sample.h"
#include "wire/proto_reader.h"

namespace skald::notify {

// The samples of a body of remote write, series by series.
inline std::vector<Sample> ReadWriteRequest(std::string_view packed) {
  std::string raw;
  EXPECT_TRUE(Decompress(Codec::kSnappy, packed, 1 << 24, raw).ok());
  std::vector<Sample> samples;
  wire::ProtoReader request(raw);
  while (request.Next()) {
    wire::ProtoReader series(request.Bytes());
    std::vector<model::LabelView> labels;
    const size_t first = samples.size();
    while (series.Next()) {
      wire::ProtoReader part(series.Bytes());
      model::LabelView label;
      Sample sample;
      while (part.Next()) {
        if (series.field() == 1) {
          (part.field() == 1 ? label.name : label.value) = part.Bytes();
        } else if (part.field() == 1) {
          sample.value = std::bit_cast<double>(part.Fixed64());
        } else {
          sample.time_ms = static_cast<int64_t>(part.Number());
        }
      }
      if (series.field() == 1) labels.push_back(label);
      if (series.field() == 2) samples.push_back(sample);
    }
    for (size_t i = first; i < samples.size(); ++i) samples[i].labels = model::Labels(labels);
  }
  return samples;
}

}  // namespace skald::notify
