#!/usr/bin/env python3
"""Check where Goldthread says that figures of the Trafford example come from.

    goldthread explain CHI02 FY2024-25 --json -C DIR > CHI02.json
    python3 explain.py DIR CHI02.json …

Each file holds one explanation: measure_code, period_code, and rows: a list of {file, sha256, line, value}. The file is
given from the council's folder, the line is the physical one on which the record begins. A figure is explained when every
file named is there with that hash, every line named holds the value given, and the line that check.py finds for the
figure is among them. For a computed figure value is the figure itself, which no line holds: there the line must be right.

Ends with 0 where all are explained, 1 where one is not, 2 where an explanation cannot be read.
"""

import argparse
import csv
import hashlib
import json
import pathlib
import sys
from fractions import Fraction

import check


def faults(folder, explanation):
    """Yields a sentence for each thing that is wrong with the explanation."""
    code, period, rows = (explanation[name] for name in ("measure_code", "period_code", "rows"))
    measure = next((known for known in check.MEASURES if known.code == code), None)
    if measure is None:
        yield f"{code}: unknown to this check"
        return
    figure = next((figure for (area, at), figure in check.figures_of(folder, measure).items()
                   if (area, at.code) == (measure.area, period)), None)
    if figure is None:
        yield f"{code} {period}: the files hold no such figure"
        return
    if (figure.file, figure.line) not in [(row["file"], int(row["line"])) for row in rows]:
        yield f"{code} {period}: {figure.file}:{figure.line} is not named"
    for row in rows:
        for fault in row_faults(folder, measure, row):
            yield f"{code} {period}: {row['file']}:{row['line']}: {fault}"


def row_faults(folder, measure, row):
    path = folder / row["file"]
    if not path.is_file():
        yield "there is no such file"
        return
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != row["sha256"]:
        yield "the file has another SHA-256"
    lines = content.decode("utf-8").split("\n")
    if not 0 < int(row["line"]) <= len(lines):
        yield "there is no such line"
    elif not measure.computed and not holds(lines[int(row["line"]) - 1], row["value"]):
        yield f"the line does not hold {row['value']}"


def holds(line, value):
    """Whether a cell of the line is the number given, however it is written."""
    for cell in next(csv.reader([line])):
        try:
            if Fraction(cell) == Fraction(str(value)):
                return True
        except ValueError:
            continue
    return False


def main(arguments):
    parser = argparse.ArgumentParser(description="Check where figures of the Trafford example are said to come from.")
    parser.add_argument("folder", type=pathlib.Path, help="the council's folder")
    parser.add_argument("explanations", nargs="+", type=pathlib.Path, help="JSON files of goldthread explain --json")
    options = parser.parse_args(arguments)
    found = []
    try:
        for path in options.explanations:
            explanation = json.loads(path.read_text("utf-8"), parse_float=str)
            found += faults(options.folder, explanation)
    except (OSError, ValueError, KeyError) as error:
        print(f"explain: {error}", file=sys.stderr)
        return 2
    for fault in found:
        print(fault)
    print(f"explain: {len(options.explanations)} figures, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
