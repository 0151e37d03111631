"""The reference test in its other forms: a line each."""
import catalogue
import condense
import figures
import matrix
import tables


def row(cell, words):
    about = words(f"item.{cell.item.name}")
    if cell.result is None:
        return [about, *[figures.DASH] * 3, words("state.missing"), figures.code(cell.command)]
    ratios = (of(cell.result, "headway") for of in
              (condense.p99_vs_alone, condense.p50_vs_alone, condense.low_vs_bound))
    return [about, *map(figures.ratio, ratios), matrix.state(cell.result, (), words),
            matrix.file_text(cell, words)]


def table(device, words):
    """Empty where nothing of it is for that device."""
    rows = [row(cell, words) for cell in device.cells.values() if cell.item.set == catalogue.VARIANTS]
    return tables.table(words("columns.variants").split("|"), rows) if rows else ""
