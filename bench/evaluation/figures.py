"""Numbers as a reader sees them, rounded as `headway report` rounds them (src/report/format.cc)."""

DASH = "–"
MINUS = "−"


def significant(value):
    """Three significant digits, or all digits before the point: 0.213, 43.1, 1,234."""
    if value is None:
        return DASH
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-4:
        return f"{value:.2e}"
    if size >= 99.95:
        return f"{value:,.0f}"
    if size >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.9995 or size == 0 else f"{value:.3f}"


def ratio(value):
    """Three decimals: 1.002 is not 1.00 here."""
    if value is not None and 0.0005 <= abs(value) < 9.9995:
        return f"{value:.3f}"
    return significant(value)


def count(value):
    return DASH if value is None else f"{value:,.0f}"


def change(value):
    """A ratio of 0.376 is a change of −62.4 %. Near −100 % the digits that differ are further right."""
    if value is None:
        return DASH
    percent = (value - 1) * 100
    if percent >= 1000:
        return f"× {significant(value)}"
    digits = f"{percent:+.{2 if value < 0.01 else 1}f} %"
    return digits.replace("-", MINUS)


def percent(value):
    return DASH if value is None else f"{value * 100:.1f} %"


def escaped(text, length_max=200):
    """Foreign text for a cell of a Markdown table: one line that starts no markup and no HTML."""
    clean = "".join(c if c.isprintable() else "?" for c in str(text))
    if len(clean) > length_max:
        clean = clean[:length_max] + "…"
    clean = clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "\\`*_[]|":
        clean = clean.replace(mark, "\\" + mark)
    return clean


def code(text, length_max=400):
    """Foreign text in code font."""
    clean = "".join(c if c.isprintable() else "?" for c in str(text)[:length_max])
    return "`" + clean.replace("`", "'").replace("|", "/") + "`"
