// A report as one HTML page. Texts of the result are escaped once, where they are put into the
// page.
#include "report/analysis.h"
#include "report/chartjs.h"
#include "report/curves.h"
#include "report/fields.h"
#include "report/format.h"
#include "report/page_parts.h"
#include "report/report.h"
#include "report/tables.h"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <map>

namespace headway::report {
namespace {

// What fills the {{name}} places of the page.
using Fillings = std::map<std::string, std::string>;

// Replaces each {{name}} once; what is put in is not looked at again.
std::string filled(std::string_view page, const Fillings& fillings) {
    std::string text;
    std::size_t at = 0;
    while (true) {
        const std::size_t open = page.find("{{", at);
        const std::size_t close = open == std::string_view::npos ? open : page.find("}}", open);
        if (close == std::string_view::npos) break;
        const auto found = fillings.find(std::string(page.substr(open + 2, close - open - 2)));
        text += page.substr(at, open - at);
        if (found != fillings.end()) text += found->second;
        at = close + 2;
    }
    return text.append(page.substr(at));
}

// JSON that can stand in a <script> element: no tag, no comment and no line separator can begin in
// it.
std::string script_json(const Json& json) {
    const std::string dump = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    std::string text;
    text.reserve(dump.size());
    for (const char c : dump) {
        if (c == '<') {
            text += "\\u003c";
        } else if (c == '>') {
            text += "\\u003e";
        } else if (c == '&') {
            text += "\\u0026";
        } else {
            text += c;
        }
    }
    return text;
}

// Plots need four digits, the page need not carry seventeen.
double rounded(double value) {
    return std::strtod(fmt::format("{:.5g}", value).c_str(), nullptr);
}

Json points_json(const std::vector<Point>& points) {
    Json list = Json::array();
    for (const Point& point : points) {
        list.push_back({rounded(point.x), rounded(point.y)});
    }
    return list;
}

double configured_rate(const BenchResult& result) {
    const std::string* rate = result.find_config("rate");
    return rate == nullptr ? 0 : std::strtod(rate->c_str(), nullptr);
}

Json plot_data(const BenchResult& result, const Analysis& analysis) {
    Json data = Json::object();
    data["distribution"] = Json::array();
    data["time"] = Json::array();
    data["throughput"] = Json::array();
    const double rate_per_s = configured_rate(result);
    bool in_seconds = true;
    for (const Group& group : analysis.groups) {
        const Json base = {
            {"scenario", group.name}, {"label", group.label}, {"workload", group.workload}};
        if (const auto points = latency_distribution(group); !points.empty()) {
            Json series = base;
            series["points"] = points_json(points);
            data["distribution"].push_back(series);
        }
        if (const TimeSeries time = latency_over_time(group, rate_per_s); !time.points.empty()) {
            Json series = base;
            series["points"] = points_json(time.points);
            data["time"].push_back(series);
            in_seconds = in_seconds && time.in_seconds;
        }
        if (group.low.iterations_per_s) {
            Json bar = base;
            bar["value"] = rounded(*group.low.iterations_per_s);
            bar["text"] = significant(*group.low.iterations_per_s);
            data["throughput"].push_back(bar);
        }
    }
    data["timeInSeconds"] = in_seconds;
    if (analysis.exclusive_bound_per_s) {
        data["bound"] = rounded(*analysis.exclusive_bound_per_s);
        data["boundText"] = significant(*analysis.exclusive_bound_per_s);
    }
    return data;
}

std::string scenario_class(const std::string& cell) {
    for (const char* name :
         {"high-alone", "low-alone", "native", "time-slicing", "headway", "stream-priority"}) {
        if (cell == name) return fmt::format(" class=\"key {}\"", name);
    }
    return {};
}

std::string row_html(const std::vector<std::string>& row, const Table& table) {
    std::string html = fmt::format("<tr{}>", scenario_class(row[0]));
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i == 0) {
            html += fmt::format("<th scope=\"row\">{}</th>", html_escaped(row[i]));
        } else {
            const char* style = table.columns[i].left ? " class=\"text\"" : "";
            html += fmt::format("<td{}>{}</td>", style, html_escaped(row[i]));
        }
    }
    return html + "</tr>\n";
}

std::string table_html(const Table& table) {
    std::string html =
        fmt::format("<section><h2>{}</h2>\n<div class=\"scroll\"><table>\n<thead><tr>",
                    html_escaped(table.title));
    for (const Column& column : table.columns) {
        html += fmt::format("<th scope=\"col\"{}>{}",
                            column.left ? " class=\"text\"" : "",
                            html_escaped(column.title));
        if (!column.unit.empty()) {
            html += fmt::format(" <span>{}</span>", html_escaped(column.unit));
        }
        html += "</th>";
    }
    html += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
        html += row_html(row, table);
    }
    html += "</tbody></table></div>\n";
    if (!table.note.empty()) {
        html += fmt::format("<p class=\"note\">{}</p>\n", html_escaped(table.note));
    }
    return html + "</section>\n";
}

std::string verdict_html(const std::vector<Bar>& bars) {
    std::string html;
    for (const Bar& bar : bars) {
        const char* state = !bar.met ? "open" : *bar.met ? "met" : "missed";
        const char* words = !bar.met ? "not decided" : *bar.met ? "met" : "not met";
        const char* mark = !bar.met ? "?" : *bar.met ? "✓" : "✗";
        html += fmt::format(
            "<li class=\"{}\"><b><i aria-hidden=\"true\">{}</i><span class=\"name\">{}</span>: "
            "{}</b><span>{}</span></li>\n",
            state,
            mark,
            html_escaped(bar.name),
            words,
            html_escaped(bar.detail));
    }
    return html.empty() ? html
                        : "<ul class=\"verdict\" aria-label=\"Verdict\">\n" + html + "</ul>\n";
}

std::string entries_html(const NamedTexts& entries) {
    std::string html;
    for (const auto& [name, value] : entries) {
        html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n",
                            html_escaped(printable(name, 60)),
                            html_escaped(printable(value, 300)));
    }
    return html;
}

std::string paragraphs(const char* css_class, const std::vector<std::string>& texts) {
    std::string html;
    for (const std::string& text : texts) {
        html += fmt::format("<p class=\"{}\">{}</p>\n", css_class, html_escaped(text));
    }
    return html;
}

// One paragraph, because the sentences belong together.
std::string summary_html(const Analysis& analysis) {
    std::string text = fmt::format("{}", fmt::join(analysis.sentences, " "));
    if (analysis.outputs == Outputs::kEqual) text += " The outputs are equal in all scenarios.";
    return paragraphs("summary", {text});
}

std::string bound_note(const Analysis& analysis) {
    if (!analysis.exclusive_bound_per_s) return {};
    return html_escaped(fmt::format(
        " The dashed line is the exclusive bound: what is left when {} has the device to itself "
        "whenever it needs it.",
        analysis.high_model));
}

std::string subtitle(const BenchResult& result, const Analysis& analysis) {
    std::string text = printable(result.benchmark, 60);
    for (const char* name : {"gpu", "cpu"}) {
        const std::string* device = result.find_host(name);
        if (device == nullptr || device->empty()) continue;
        text += " · " + printable(*device, 80);
        break;
    }
    text += fmt::format(" · {} {}", analysis.repeats, analysis.repeats == 1 ? "repeat" : "repeats");
    if (!result.created.empty()) text += " · " + printable(result.created, 40);
    return text;
}

Result<std::string> render(const BenchResult& result) {
    const Result<std::string> chartjs = load_chartjs();
    if (!chartjs.ok()) return chartjs.status();
    const Analysis analysis = analyse(result);
    Fillings fillings;
    fillings["title"] = html_escaped(analysis.title);
    fillings["subtitle"] = html_escaped(subtitle(result, analysis));
    fillings["summary"] = summary_html(analysis);
    fillings["warnings"] = paragraphs("warning", analysis.warnings);
    fillings["verdict"] = verdict_html(analysis.bars);
    for (const Table& table : analysis.tables) {
        fillings["tables"] += table_html(table);
    }
    fillings["host"] = entries_html(result.host);
    fillings["config"] = entries_html(result.config);
    fillings["version"] = html_escaped(
        fmt::format("{} ({})", printable(result.version, 40), printable(result.commit, 60)));
    fillings["of_high"] = html_escaped(of_model(analysis.high_model));
    fillings["of_low"] = html_escaped(of_model(analysis.low_model));
    fillings["bound_note"] = bound_note(analysis);
    fillings["style"] = kPageCss;
    fillings["data"] = script_json(plot_data(result, analysis));
    fillings["chartjs"] = chartjs.value();
    fillings["script"] = kPageJs;
    return filled(kPageHtml, fillings);
}

}  // namespace

Result<std::string> render_html(const BenchResult& result) noexcept {
    try {
        return render(result);
    } catch (const std::exception& error) {
        return Status::error(Code::kUnavailable, "can't write HTML: %s", error.what());
    }
}

}  // namespace headway::report
