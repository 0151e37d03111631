#include "report/format.h"

#include <fmt/format.h>

#include <cmath>

namespace headway::report {
namespace {

constexpr const char* kDash = "–";

// 1234567 -> 1,234,567; the input is an optional minus and digits.
std::string with_separators(const std::string& digits) {
    const std::size_t first = !digits.empty() && digits[0] == '-' ? 1 : 0;
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::size_t left = digits.size() - i;
        if (i > first && left % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
    std::string clean;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const bool continues = (c & 0xC0U) == 0x80;
        if (clean.size() >= bytes_max && !continues) return clean + "…";
        const bool c1_control =
            c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c1_control) ++i;
        clean += c < 0x20 || c == 0x7F || c1_control ? '?' : text[i];
    }
    return clean;
}

std::string significant(double value) {
    if (!std::isfinite(value)) return kDash;
    const double size = std::fabs(value);
    if (size >= 1e9 || (size > 0 && size < 1e-4)) return fmt::format("{:.2e}", value);
    if (size >= 99.95) return with_separators(fmt::format("{:.0f}", value));
    if (size >= 9.995) return fmt::format("{:.1f}", value);
    return size >= 0.9995 || size == 0 ? fmt::format("{:.2f}", value)
                                       : fmt::format("{:.3f}", value);
}

std::string number_text(const Number& value) {
    return value ? significant(*value) : kDash;
}

std::string ratio_text(const Number& value) {
    const bool three_decimals = value && std::fabs(*value) >= 0.0005 && std::fabs(*value) < 9.9995;
    return three_decimals ? fmt::format("{:.3f}", *value) : number_text(value);
}

std::string count_text(const Number& value) {
    if (!value || !std::isfinite(*value)) return kDash;
    if (std::fabs(*value) >= 1e15) return fmt::format("{:.2e}", *value);
    return with_separators(fmt::format("{:.0f}", *value));
}

std::string ms_text(double value_ms) {
    return significant(value_ms) + " ms";
}

std::string percent_text(double ratio) {
    const double percent = ratio * 100;
    if (!std::isfinite(percent) || std::fabs(percent) >= 1e6) return significant(ratio) + " times";
    return fmt::format("{:.0f} %", percent);
}

std::string html_escaped(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            case '\'':
                escaped += "&#39;";
                break;
            default:
                escaped += c;
        }
    }
    return escaped;
}

std::string markdown_escaped(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (std::string_view("\\`*[]<>|").find(c) != std::string_view::npos) escaped += '\\';
        escaped += c;
    }
    return escaped;
}

}  // namespace headway::report
