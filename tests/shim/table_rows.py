"""Reads a driver_api.tbl for the checks in this folder."""
import re
from dataclasses import dataclass


@dataclass
class Row:
    symbol: str
    version: int
    call_class: str
    shape: str
    types: list

    @property
    def per_thread(self):
        return re.search(r"_pt[sd][sz]$", self.symbol) is not None

    @property
    def base(self):
        return re.sub(r"_v\d$", "", re.sub(r"_pt[sd][sz]$", "", self.symbol))


def read_rows(path):
    with open(path, encoding="utf-8") as file:
        text = "\n".join(line for line in file.read().splitlines() if not line.startswith("//"))
    rows = []
    for match in re.finditer(r"API\((.*?)\)", text, re.S):
        symbol, version, call_class, shape, *types = [part.strip() for part in match[1].split(",")]
        rows.append(Row(symbol, int(version), call_class, shape, types))
    return rows
