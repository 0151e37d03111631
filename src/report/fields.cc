#include "report/fields.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace headway::report {
namespace {

constexpr int kIndexMax = std::numeric_limits<int>::max();

}  // namespace

const char* type_name(const Json& value) noexcept {
    switch (value.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::object:
            return "an object";
        case Json::value_t::array:
            return "a list";
        case Json::value_t::string:
            return "text";
        case Json::value_t::boolean:
            return "true or false";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float:
            return "a number";
        default:
            return "binary data";
    }
}

void Complaint::say(std::string text) {
    if (text_.empty()) text_ = std::move(text);
}

std::optional<std::string> scalar_text(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return std::string();
    if (value.is_boolean()) return std::string(value.get<bool>() ? "yes" : "no");
    if (value.is_number()) return value.dump();
    if (!value.is_array()) return std::nullopt;
    std::string joined;
    for (const Json& item : value) {
        if (item.is_structured()) return std::nullopt;
        if (!joined.empty()) joined += ", ";
        joined += *scalar_text(item);
    }
    return joined;
}

Fields::Fields(const Json& object, std::string path, Complaint& complaint)
    : object_(object), path_(std::move(path)), complaint_(complaint) {}

std::string Fields::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

const Json* Fields::find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void Fields::wrong_type(std::string_view key, const char* wanted, const Json& value) const {
    complaint_.say(fmt::format("{} must be {}, not {}", path_of(key), wanted, type_name(value)));
}

const Json* Fields::require(const char* key, const char* wanted) const {
    const Json* value = find(key);
    if (value == nullptr) complaint_.say(fmt::format("{} is missing ({})", path_of(key), wanted));
    return value;
}

std::string Fields::required_text(const char* key) const {
    return require(key, "text") == nullptr ? std::string() : text(key);
}

std::string Fields::text(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get<std::string>();
    wrong_type(key, "text", *value);
    return {};
}

Number Fields::number(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->get<double>();
    wrong_type(key, "a number", *value);
    return std::nullopt;
}

int Fields::required_index(const char* key) const {
    const Json* value = require(key, "a number");
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() <= kIndexMax) {
        return value->get<int>();
    }
    complaint_.say(fmt::format("{} must be a whole number from 0", path_of(key)));
    return 0;
}

bool Fields::required_flag(const char* key) const {
    const Json* value = require(key, "true or false");
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    wrong_type(key, "true or false", *value);
    return false;
}

std::vector<double> Fields::numbers(const char* key) const {
    const Json* list = find(key);
    std::vector<double> values;
    if (list == nullptr) return values;
    if (!list->is_array()) {
        wrong_type(key, "a list of numbers", *list);
        return values;
    }
    values.reserve(list->size());
    for (const Json& item : *list) {
        if (!item.is_number()) {
            wrong_type(fmt::format("{}[{}]", key, values.size()), "a number", item);
            return values;
        }
        values.push_back(item.get<double>());
    }
    return values;
}

std::vector<std::string> Fields::words(const char* key) const {
    const Json* list = find(key);
    std::vector<std::string> values;
    if (list == nullptr) return values;
    if (!list->is_array()) {
        wrong_type(key, "a list", *list);
        return values;
    }
    for (const Json& item : *list) {
        const auto word = scalar_text(item);
        if (!word || item.is_array()) {
            wrong_type(fmt::format("{}[{}]", key, values.size()), "text or a number", item);
            return values;
        }
        values.push_back(*word);
    }
    return values;
}

const Json* Fields::object(const char* key) const {
    const Json* value = find(key);
    if (value == nullptr || value->is_object()) return value;
    wrong_type(key, "an object", *value);
    return nullptr;
}

const Json* Fields::required_object(const char* key) const {
    return require(key, "an object") == nullptr ? nullptr : object(key);
}

const Json* Fields::required_list(const char* key) const {
    const Json* value = require(key, "a list");
    if (value == nullptr || value->is_array()) return value;
    wrong_type(key, "a list", *value);
    return nullptr;
}

NamedTexts Fields::all_texts() const {
    NamedTexts texts;
    for (const auto& [key, value] : object_.items()) {
        const auto text = scalar_text(value);
        if (!text) {
            wrong_type(key, "text, a number or a list of them", value);
        } else if (!value.is_null()) {
            texts.emplace_back(key, *text);
        }
    }
    return texts;
}

NamedNumbers Fields::all_numbers() const {
    NamedNumbers numbers;
    for (const auto& [key, value] : object_.items()) {
        if (value.is_number()) {
            numbers.emplace_back(key, value.get<double>());
        } else if (!value.is_null()) {
            wrong_type(key, "a number", value);
        }
    }
    return numbers;
}

}  // namespace headway::report
