#!/usr/bin/env python3
"""Check Goldthread's scorecard of the Trafford example against figures computed straight from the CSV files.

    goldthread sql "select measure_code, period_code, value, previous_value, peer_mean, peer_median, rank, rank_of,
        national_value from marts.scorecard order by measure_code" --format json -C DIR | python3 check.py DIR

Nothing here is shared with Goldthread: neither its YAML, nor its Go, nor its SQL. What a measure is stands once more in
MEASURES below, and numbers are fractions, so nothing is rounded on the way. Needs Python's standard library only.

Ends with 0 where every figure agrees, 1 where one differs, 2 where the scorecard cannot be read.
"""

import argparse
import csv
import json
import pathlib
import re
import sys
from fractions import Fraction
from statistics import median
from typing import NamedTuple

TRAFFORD, ENGLAND = "E08000009", "E92000001"
COLUMNS = ["period_code", "value", "previous_value", "peer_mean", "peer_median", "rank", "rank_of", "national_value"]
PLACES = 6  # to which means and computed values are compared; all else must be equal
CIPFA = ("cipfa_nearest_neighbours", "2024-07")
DFE = ("dfe_statistical_neighbours", "2025-05")
NHS = ("nhs_near_neighbours", "2026-05")
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Measure(NamedTuple):
    """One line of the scorecard: where its figures stand and how they compare."""

    code: str
    file: str
    period: str  # how the file's period labels are read: a key of PERIODS
    step: int  # months from one period to the next
    best: str  # high, low, or none
    peers: tuple = None
    where: dict = {}
    area: str = TRAFFORD
    area_column: str = "area_code"
    computed: str = ""  # share: ULEV of all vehicles; decade: certificates A to C of all over 40 quarters


MEASURES = [
    Measure("CHI01", "children/active_children", "academic", 12, "high", DFE, {"inequality": "NA"}),
    Measure("CHI02", "children/children_poverty", "financial", 12, "low", DFE,
            {"indicator": "% of children living in relative low income families: Aged 0-15"}),
    Measure("CHI03", "children/children_poverty", "financial", 12, "low", DFE,
            {"indicator": "% of children living in absolute low income families: Aged 0-15"}),
    Measure("CHI04", "children/cla_health_assessment", "financial", 12, "high", DFE),
    Measure("CHI05", "children/expected_standard_ks2", "academic", 12, "high", DFE),
    Measure("CHI06", "children/grades_5_or_above_ks4", "academic", 12, "high", DFE),
    Measure("CHI07", "children/neet", "calendar", 12, "low", DFE,
            {"indicator": "Not in education, employment or training (NEET)(16-17 years old)"}),
    Measure("CHI08", "children/neet", "calendar", 12, "low", DFE,
            {"indicator": "Not in education, employment or training (NEET)(inc not know)(16-17 years old)"}),
    Measure("CHI09", "children/obese_year6", "academic", 12, "low", DFE,
            {"indicator": "Year 6 prevalence of obesity (including severe obesity)", "inequality": "NA"}),
    Measure("CHI10", "children/school_readiness", "academic", 12, "high", DFE,
            {"indicator": "School readiness: percentage of children achieving a good level of development "
                          "at the end of Reception"}),
    Measure("CHI11", "children/school_readiness", "academic", 12, "high", DFE,
            {"indicator": "School readiness: percentage of children with free school meal status achieving a good "
                          "level of development at the end of Reception"}),
    Measure("CLI01", "climate/household_waste_recycling", "financial", 12, "high", CIPFA, {"unit": "Waste"}),
    Measure("CLI02", "climate/household_waste_recycling", "financial", 12, "none", CIPFA, {"unit": "Tonnes"}),
    Measure("CLI03", "climate/household_waste_not_recycled", "financial", 12, "low", CIPFA, {"unit": "Waste"}),
    Measure("CLI04", "climate/household_waste_not_recycled", "financial", 12, "low", CIPFA, {"unit": "Tonnes"}),
    Measure("CLI05", "climate/industry_emissions", "calendar", 12, "low", CIPFA),
    Measure("CLI06", "climate/electric_vehicle_charging_points", "month", 3, "high", CIPFA),
    Measure("CLI07", "climate/licensed_vehicles", "quarter_end", 3, "high", CIPFA, computed="share"),
    Measure("CLI08", "climate/energy_performance_certificates", "quarter_end", 12, "high", CIPFA, computed="decade"),
    Measure("CLI09", "climate/no2_concentration", "year_to", 3, "low", area="TRF2", area_column="station_code"),
    Measure("CLI10", "climate/no2_concentration", "year_to", 3, "low", area="TRAF", area_column="station_code"),
    Measure("CLI11", "climate/no2_concentration", "year_to", 3, "low", area="TRF3", area_column="station_code"),
    Measure("ECO01", "economy/apprenticeship_starts", "academic", 12, "high", CIPFA),
    Measure("ECO02", "economy/claimant_count", "month_name", 1, "low", CIPFA, {"indicator": "Claimant count"}),
    Measure("ECO03", "economy/claimant_count", "month_name", 1, "low", CIPFA,
            {"indicator": "Claimants as a proportion of residents aged 16-64"}),
    Measure("ECO04", "economy/employment_rate", "year_between", 3, "high", CIPFA),
    Measure("ECO05", "economy/gdp", "calendar", 12, "high", CIPFA),
    Measure("ECO06", "economy/gva", "calendar", 12, "none", CIPFA, {"measure": "Count"}),
    Measure("ECO07", "economy/gva", "calendar", 12, "high", CIPFA, {"measure": "Rate per hour worked"}),
    Measure("ECO08", "economy/planning_applications_major", "quarter", 3, "high", CIPFA),
    Measure("ECO09", "economy/real_living_wage", "calendar", 12, "high", CIPFA),
    Measure("HEA01", "health/admissions_care_homes_65p", "financial", 12, "low", NHS),
    Measure("HEA02", "health/adults_walking_or_cycling", "calendar", 12, "high", NHS),
    Measure("HEA03", "health/chlamydia_screening", "calendar", 12, "high", NHS),
    Measure("HEA04", "health/life_expectancy", "calendar_pooled", 12, "high", NHS, {"inequality": "Male"}),
    Measure("HEA05", "health/life_expectancy", "calendar_pooled", 12, "high", NHS, {"inequality": "Female"}),
    Measure("HEA06", "health/nhs_health_checks", "since_quarter", 12, "high", NHS, {"inequality": "NA"}),
    Measure("HEA07", "health/social_care_satisfaction", "financial", 12, "high", NHS),
]


class Period(NamedTuple):
    """Months from first to last, each counted as year * 12 + month from 0, and Goldthread's code of the period."""

    last: int
    first: int
    code: str


def month(year, number):
    return int(year) * 12 + number - 1


def two(number):
    return f"{number % 100:02d}"


def named(name):
    return MONTHS.index(name[:3]) + 1


def calendar(label):
    return Period(month(label, 12), month(label, 1), f"CY{label}")


def calendar_pooled(label):
    first, last = int(label[:4]), int(label[:2] + label[-2:])
    return Period(month(last, 12), month(first, 1), f"CY{first}_{last}")


def year_from(prefix, first_month):
    def read(label):
        year = int(label[:4])
        first = month(year, first_month)
        return Period(first + 11, first, f"{prefix}{year}-{two(year + 1)}")
    return read


def quarter(label):
    year, number = int(label[:4]), int(label[-1])
    first = month(year, 4) + 3 * (number - 1)
    return Period(first + 2, first, f"FY{year}-{two(year + 1)}-Q{number}")


def since_quarter(label):
    first, _, last = label.partition(" - ")
    begin, end = quarter(first), quarter(last or first)
    code = begin.code if begin == end else f"{begin.code}_{end.code[2:]}"
    return Period(end.last, begin.first, code)


def financial_month(number):
    since_april = (number - 3) % 12
    year = (number - 3) // 12
    return Period(number, number, f"FY{year}-{two(year + 1)}-M{since_april + 1:02d}")


def quarter_end(label):
    return quarter_to(month(label[:4], int(label[5:7])))


def quarter_to(last):
    year, since_april = divmod(last - 3, 12)
    return Period(last, last - 2, f"FY{year}-{two(year + 1)}-Q{since_april // 3 + 1}")


def twelve_months(last):
    return Period(last, last - 11, f"R12-{last // 12}-{last % 12 + 1:02d}")


def year_between(label):
    ends = label.split("-")[1]
    return twelve_months(month(ends[-4:], named(ends)))


PERIODS = {
    "calendar": calendar,
    "calendar_pooled": calendar_pooled,
    "financial": year_from("FY", 4),
    "academic": year_from("AY", 9),
    "quarter": quarter,
    "since_quarter": since_quarter,
    "quarter_end": quarter_end,
    "month": lambda label: financial_month(month(label[:4], int(label[5:7]))),
    "month_name": lambda label: financial_month(month(label[-4:], named(label))),
    "year_to": lambda label: twelve_months(month(label[:4], int(label[5:7]))),
    "year_between": year_between,
}


class Figure(NamedTuple):
    """A number, and the file and line it stands on; of a computed one, where the newest row of it stands."""

    value: Fraction
    file: str
    line: int


def number(text):
    """The number a cell holds, or None where the publisher wrote that there is none."""
    return None if text in ("", "NA") else Fraction(text)


def rows_of(folder, measure):
    """The rows of the measure by area and period; a later edition takes the place of an earlier one, key by key."""
    rows = {}
    files = sorted((folder / "drops" / "themes").glob(f"*/{measure.file}.csv"))
    if not files:
        raise FileNotFoundError(f"{folder}/drops/themes/*/{measure.file}.csv: there is no such file")
    for path in files:
        seen = set()
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            for row in reader:
                if any(row[column] != wanted for column, wanted in measure.where.items()):
                    continue
                key = (row[measure.area_column], PERIODS[measure.period](row["period"]))
                if key in seen:
                    raise ValueError(f"{path}:{reader.line_num}: {key} stands here twice")
                seen.add(key)
                rows[key] = (row, str(path.relative_to(folder)), reader.line_num)
    return rows


def figures_of(folder, measure):
    """Every figure of the measure, by area and period."""
    rows = rows_of(folder, measure)
    if measure.computed == "decade":
        return decades(rows)
    found = {}
    for key, (row, file, line) in rows.items():
        if measure.computed == "share":
            value = 100 * Fraction(row["value_ulev"]) / Fraction(row["value_all_vehicles"])
        else:
            value = number(row["value"])
        if value is not None:
            found[key] = Figure(value, file, line)
    return found


def decades(rows):
    """Share of certificates rated A, B or C in the 40 quarters that end with a December, where all 40 are there."""
    found = {}
    for (area, end), (_, file, line) in rows.items():
        if end.last % 12 != 11:
            continue
        quarters = [(area, quarter_to(end.last - 3 * back)) for back in range(40)]
        if any(key not in rows for key in quarters):
            continue
        cells = [rows[key][0] for key in quarters]
        rated = sum(int(cell[f"value_rating_{letter}"]) for cell in cells for letter in "ABC")
        lodged = sum(int(cell["value_certificates_lodged"]) for cell in cells)
        last_year = end.last // 12
        ten_years = Period(end.last, end.last - 119, f"CY{last_year - 9}_{last_year}")
        found[area, ten_years] = Figure(Fraction(100 * rated, lodged), file, line)
    return found


def before(measure, figures, period):
    """The figure one step earlier: of a count from a fixed start the same start, else the same length."""
    for (area, other), figure in figures.items():
        moved = other.first == period.first if measure.period == "since_quarter" \
            else period.first - other.first == measure.step
        if area == measure.area and moved and period.last - other.last == measure.step:
            return figure.value
    return None


def peers_of(folder, group):
    with (folder / "reference" / "peer_groups.csv").open(encoding="utf-8", newline="") as text:
        return [row["peer_code"] for row in csv.DictReader(text)
                if (row["group"], row["version"], row["owner_code"]) == (*group, TRAFFORD)]


def expected(folder, measure):
    """What the scorecard must say of the measure."""
    figures = figures_of(folder, measure)
    period = max(period for area, period in figures if area == measure.area)
    own = figures[measure.area, period].value
    line = dict.fromkeys(COLUMNS)
    line.update(period_code=period.code, value=own, previous_value=before(measure, figures, period))
    if (ENGLAND, period) in figures:
        line["national_value"] = figures[ENGLAND, period].value
    if measure.peers is None:
        return line
    peers = [figures[code, period].value for code in peers_of(folder, measure.peers) if (code, period) in figures]
    if len(peers) >= 3:
        line.update(peer_mean=sum(peers) / len(peers), peer_median=median(peers))
    better = sum(value < own if measure.best == "low" else value > own for value in peers)
    line.update(rank=better + 1, rank_of=len(peers) + 1)
    return line


def rounded(value):
    """The value to PLACES places, half away from zero."""
    scaled = abs(value) * 10 ** PLACES
    whole = int(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10 ** PLACES)


def same(measure, column, want, got):
    if column == "period_code" or want is None or got in (None, ""):
        return want == (None if got == "" else got)
    got = Fraction(str(got))
    if column == "peer_mean" or measure.computed:
        return rounded(want) == rounded(got)
    return want == got


def shown(value):
    return "nothing" if value in (None, "") else str(float(value)) if isinstance(value, Fraction) else str(value)


def compare(folder, measures, scorecard):
    """Yields a sentence for each difference between the scorecard's rows and the files."""
    rows = {}
    for row in scorecard:
        if row["measure_code"] in rows:
            yield f"{row['measure_code']}: stands on the scorecard twice"
        rows[row["measure_code"]] = row
    for code in sorted(set(rows) - {measure.code for measure in measures}):
        yield f"{code}: on the scorecard, unknown to this check"
    for measure in measures:
        if measure.code not in rows:
            yield f"{measure.code}: not on the scorecard"
            continue
        want = expected(folder, measure)
        for column in COLUMNS:
            got = rows[measure.code][column]
            if not same(measure, column, want[column], got):
                yield f"{measure.code} {column}: the scorecard says {shown(got)}, the files {shown(want[column])}"


def read_scorecard(text):
    scorecard = json.loads(text, parse_float=str, parse_int=str)
    if not isinstance(scorecard, list) or not scorecard:
        raise ValueError("the scorecard is not a list of rows, or it is empty")
    missing = [name for name in ["measure_code"] + COLUMNS if name not in scorecard[0]]
    if missing:
        raise ValueError("the scorecard has no column " + ", ".join(missing))
    return scorecard


def main(arguments):
    parser = argparse.ArgumentParser(description="Check the scorecard of the Trafford example against its CSV files.")
    parser.add_argument("folder", type=pathlib.Path, help="the council's folder, with drops/ and reference/")
    parser.add_argument("scorecard", nargs="?", help="JSON file with the scorecard's rows; standard input without it")
    options = parser.parse_args(arguments)
    try:
        text = pathlib.Path(options.scorecard).read_text("utf-8") if options.scorecard else sys.stdin.read()
        scorecard = read_scorecard(text)
        differences = list(compare(options.folder, MEASURES, scorecard))
    except (OSError, ValueError, KeyError) as error:
        print(f"check: {error}", file=sys.stderr)
        return 2
    for difference in differences:
        print(difference)
    found = {measure.code for measure in MEASURES} & {row["measure_code"] for row in scorecard}
    print(f"check: {len(found)} measures, {len(found) * len(COLUMNS)} values compared, {len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
