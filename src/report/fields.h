// Reads typed fields of a JSON object and remembers the first thing that does not fit, by its full
// name ("scenarios[3].high.p99_ms must be a number, not text").
#pragma once

#include "report/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace headway::report {

// Objects are sorted by name: the order-keeping form looks keys up one by one, which a hostile file
// with a million keys would turn into hours.
using Json = nlohmann::json;

// What a person calls the value's type: "text", "a number", "a list", ...
const char* type_name(const Json& value) noexcept;

// Collects the first complaint of one parse.
class Complaint {
 public:
    void say(std::string text);

    bool empty() const noexcept { return text_.empty(); }

    const std::string& text() const noexcept { return text_; }

 private:
    std::string text_;
};

// A view of one JSON object under its name. The object and the complaint must outlive it. A field
// of the wrong type is complained about and read as if it were missing.
class Fields {
 public:
    Fields(const Json& object, std::string path, Complaint& complaint);

    std::string required_text(const char* key) const;
    std::string text(const char* key) const;    // "" if missing or null
    Number number(const char* key) const;       // nothing if missing or null
    int required_index(const char* key) const;  // an integer >= 0
    bool required_flag(const char* key) const;
    std::vector<double> numbers(const char* key) const;
    std::vector<std::string> words(const char* key) const;  // texts and numbers, as text

    // The object in a field, or null if it is missing, null or something else.
    const Json* object(const char* key) const;
    const Json* required_object(const char* key) const;
    const Json* required_list(const char* key) const;

    // Every entry of this object as text; lists are joined by commas.
    NamedTexts all_texts() const;
    // Every entry of this object that is a number; null is left out.
    NamedNumbers all_numbers() const;

    std::string path_of(std::string_view key) const;

    Complaint& complaint() const noexcept { return complaint_; }

    const Json& json() const noexcept { return object_; }

 private:
    const Json* find(const char* key) const;
    const Json* require(const char* key, const char* wanted) const;
    void wrong_type(std::string_view key, const char* wanted, const Json& value) const;

    const Json& object_;
    std::string path_;
    Complaint& complaint_;
};

// The text of a scalar, or of a list of scalars; nothing for an object.
std::optional<std::string> scalar_text(const Json& value);

}  // namespace headway::report
