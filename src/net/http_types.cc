#include "net/http_types.h"

#include <algorithm>
#include <cstdlib>

#include "common/ascii.h"

namespace skald::net {
namespace {

// Guards against a small body that becomes a huge list of empty pairs.
constexpr size_t kMaxFormValues = 100'000;

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Cuts the part before `separator` off the front of `rest`.
std::string_view NextPart(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

constexpr int HexValue(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = LowerCase(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

Result<std::string> Decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        // Compat: the text that clients see from Go's URL parser.
        return InvalidArgument("invalid URL escape \"" + std::string(text.substr(i, 3)) + "\"");
      }
      out.push_back(static_cast<char>(high << 4 | low));
      i += 2;
    } else {
      out.push_back(c == '+' && plus_is_blank ? ' ' : c);
    }
  }
  return out;
}

// The weight of one element of an Accept-Encoding list; a malformed one counts as zero.
double Weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = Trim(NextPart(parameters, ';'));
    if (parameter.size() >= 2 && LowerCase(parameter[0]) == 'q' && parameter[1] == '=') {
      return std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
    }
  }
  return 1;
}

}  // namespace

void Headers::Add(std::string_view name, std::string_view value) {
  fields_.push_back({std::string(name), std::string(value)});
}

void Headers::Set(std::string_view name, std::string_view value) {
  Remove(name);
  Add(name, value);
}

void Headers::Remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& f) { return EqualsIgnoringCase(f.name, name); });
}

std::string_view Headers::Get(std::string_view name) const {
  for (const Field& field : fields_) {
    if (EqualsIgnoringCase(field.name, name)) {
      return field.value;
    }
  }
  return {};
}

bool Headers::Has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const Field& f) { return EqualsIgnoringCase(f.name, name); });
}

bool Headers::HasToken(std::string_view name, std::string_view token) const {
  for (const Field& field : fields_) {
    if (!EqualsIgnoringCase(field.name, name)) {
      continue;
    }
    std::string_view rest = field.value;
    while (!rest.empty()) {
      if (EqualsIgnoringCase(Trim(NextPart(rest, ',')), token)) {
        return true;
      }
    }
  }
  return false;
}

void Form::Add(std::string name, std::string value) {
  values_.emplace_back(std::move(name), std::move(value));
}

std::string_view Form::Get(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

bool Form::Has(std::string_view name) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const auto& pair) { return pair.first == name; });
}

std::vector<std::string_view> Form::GetAll(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [key, value] : values_) {
    if (key == name) {
      found.push_back(value);
    }
  }
  return found;
}

std::string_view Request::PathParam(std::string_view name) const {
  for (const auto& [key, value] : path_params) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

Response TextResponse(int status, std::string body) {
  Response response = MakeResponse(status, "text/plain; charset=utf-8", std::move(body));
  if (status >= 400) {
    response.headers.Add("X-Content-Type-Options", "nosniff");
  }
  return response;
}

Response MakeResponse(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

std::string MediaType(std::string_view content_type) {
  return LowerCase(Trim(content_type.substr(0, content_type.find(';'))));
}

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view element = NextPart(accept_encoding, ',');
    const std::string_view coding = Trim(NextPart(element, ';'));
    if (EqualsIgnoringCase(coding, "gzip") || EqualsIgnoringCase(coding, "x-gzip")) {
      return Weight(element) > 0;
    }
    any = any || (coding == "*" && Weight(element) > 0);
  }
  return any;
}

Result<std::string> DecodePathSegment(std::string_view text) { return Decode(text, false); }

Result<std::string> DecodeQueryComponent(std::string_view text) { return Decode(text, true); }

std::string EncodeUrlComponent(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  static constexpr std::string_view kMarks = "-._~";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const char lower = LowerCase(c);
    if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
        kMarks.find(c) != std::string_view::npos) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

Status ParseUrlEncoded(std::string_view text, Form& out) {
  while (!text.empty()) {
    std::string_view pair = NextPart(text, '&');
    if (pair.empty()) {
      continue;
    }
    if (pair.find(';') != std::string_view::npos) {
      return InvalidArgument("invalid semicolon separator in query");
    }
    if (out.size() == kMaxFormValues) {
      return InvalidArgument("more than " + std::to_string(kMaxFormValues) + " form values");
    }
    const std::string_view name = NextPart(pair, '=');
    SKALD_ASSIGN_OR_RETURN(std::string decoded_name, DecodeQueryComponent(name));
    SKALD_ASSIGN_OR_RETURN(std::string decoded_value, DecodeQueryComponent(pair));
    out.Add(std::move(decoded_name), std::move(decoded_value));
  }
  return {};
}

Result<Form> ParseForm(const Request& request) {
  Form form;
  const bool may_carry =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (may_carry &&
      MediaType(request.headers.Get("Content-Type")) == "application/x-www-form-urlencoded") {
    SKALD_RETURN_IF_ERROR(ParseUrlEncoded(request.body, form));
  }
  SKALD_RETURN_IF_ERROR(ParseUrlEncoded(request.query, form));
  return form;
}

}  // namespace skald::net
