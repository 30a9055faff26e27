#include "logql/stages/format_stages.h"

#include <algorithm>
#include <utility>

namespace skald::logql {
namespace {

constexpr std::string_view kTemplateError = "TemplateFormatErr";

}  // namespace

RowTemplate::RowTemplate(Template text, LabelColumns& labels) : template_(std::move(text)) {
  for (const std::string& name : template_.fields()) {
    slots_.push_back(labels.Intern(name));
  }
  fields_.resize(slots_.size());
}

void RowTemplate::Capture(const RowSlice& rows, size_t i) {
  const LabelColumns& labels = rows.labels();
  for (size_t f = 0; f < slots_.size(); ++f) {
    fields_[f] = labels.Get(slots_[f], i);
  }
  if (!template_.uses_all_labels()) {
    return;
  }
  all_.members.clear();
  for (const Slot slot : labels.active()) {
    if (std::string_view value; labels.Find(slot, i, value)) {
      all_.members.emplace_back(labels.name(slot), TemplateValue::String(value));
    }
  }
  std::sort(all_.members.begin(), all_.members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
}

bool RowTemplate::Run(RowSlice& rows, size_t i, std::string_view& output) {
  output_.clear();
  const TemplateInput input{.fields = fields_,
                            .labels = template_.uses_all_labels() ? &all_ : nullptr,
                            .line = rows.Line(i),
                            .time_ns = rows.Time(i)};
  if (!executor_.Run(template_, input, output_)) {
    return false;
  }
  output = rows.arena().Copy(output_);
  return true;
}

Result<std::unique_ptr<BatchStage>> LineFormatStage::Make(const LineFormat& options,
                                                          LabelColumns& labels) {
  Result<Template> parsed = Template::Parse("line", options.text);
  if (!parsed.ok()) {
    return Annotate(parsed.status(), "invalid line template");
  }
  return std::unique_ptr<BatchStage>(new LineFormatStage(RowTemplate(*std::move(parsed), labels)));
}

void LineFormatStage::Run(RowSlice& rows) {
  for (const uint16_t i : rows.active()) {
    template_.Capture(rows, i);
    std::string_view line;
    if (template_.Run(rows, i, line)) {
      rows.ReplaceLine(i, line);
    } else {
      rows.labels().SetError(i, kTemplateError, rows.arena().Copy(template_.error()));
    }
  }
}

Result<std::unique_ptr<BatchStage>> LabelFormatStage::Make(const LabelFormat& options,
                                                           LabelColumns& labels) {
  auto stage = std::make_unique<LabelFormatStage>();
  for (size_t at = 0; at < options.items.size(); ++at) {
    const LabelFormat::Item& item = options.items[at];
    if (item.name == kErrorLabel) {
      return InvalidArgument("__error__ cannot be formatted");
    }
    if (std::any_of(options.items.begin(), options.items.begin() + static_cast<std::ptrdiff_t>(at),
                    [&](const auto& other) { return other.name == item.name; })) {
      return InvalidArgument("multiple label name '" + item.name +
                             "' not allowed in a single format operation");
    }
    Item made{.to = labels.Intern(item.name)};
    if (item.rename) {
      made.from = labels.Intern(item.value);
    } else {
      Result<Template> parsed = Template::Parse("label", item.value);
      if (!parsed.ok()) {
        return Annotate(parsed.status(), "invalid template for label '" + item.name + "'");
      }
      made.text = std::make_unique<RowTemplate>(*std::move(parsed), labels);
    }
    stage->items_.push_back(std::move(made));
  }
  return std::unique_ptr<BatchStage>(std::move(stage));
}

void LabelFormatStage::Run(RowSlice& rows) {
  for (const uint16_t i : rows.active()) {
    RunRow(rows, i);
  }
}

void LabelFormatStage::RunRow(RowSlice& rows, size_t i) {
  LabelColumns& labels = rows.labels();
  bool captured = false;
  for (const Item& item : items_) {
    if (item.text == nullptr) {
      std::string_view value;
      LabelCategory category = LabelCategory::kParsed;
      if (labels.Find(item.from, i, value, category)) {
        const bool from_stream = category == LabelCategory::kStream;
        labels.Set(item.to, i, value,
                   from_stream ? LabelCategory::kStream : LabelCategory::kParsed);
        labels.Delete(item.from, i);
      }
      continue;
    }
    if (!captured) {
      captured = true;
      for (const Item& other : items_) {
        if (other.text != nullptr) {
          other.text->Capture(rows, i);
        }
      }
    }
    std::string_view value;
    if (item.text->Run(rows, i, value)) {
      labels.Set(item.to, i, value, LabelCategory::kParsed);
    } else {
      labels.SetError(i, kTemplateError, rows.arena().Copy(item.text->error()));
    }
  }
}

}  // namespace skald::logql
