"""Tests of the two checks, on files of a few lines and on the Trafford example itself.

Run: python3 -m unittest discover -s examples/check -p '*_test.py'
"""

import contextlib
import hashlib
import io
import json
import pathlib
import tempfile
import unittest
from fractions import Fraction

import check
import explain

EXAMPLE = pathlib.Path(__file__).parent.parent / "trafford"
HEADER = "area_code,period,value\n"
PEERS = "group,version,owner_code,peer_code,position\n" + "".join(
    f"cipfa_nearest_neighbours,2024-07,E08000009,P{n},{n}\n" for n in range(1, 6))


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("reference/peer_groups.csv", PEERS)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def measure(self, **changes):
        return check.Measure("M1", "t/f", "financial", 12, "high", check.CIPFA)._replace(**changes)


class ExpectedTest(Folder):
    def test_ties_share_the_best_rank_and_missing_peers_do_not_count(self):
        self.write("drops/themes/2026-05/t/f.csv", HEADER + "E08000009,2023/24,46\nP1,2023/24,52\nP2,2023/24,48\n"
                   "P3,2023/24,46\nP4,2023/24,NA\nE92000001,2023/24,44.5\nP9,2023/24,99\n")
        line = check.expected(self.folder, self.measure())
        self.assertEqual(line, {
            "period_code": "FY2023-24", "value": 46, "previous_value": None, "peer_mean": Fraction(146, 3),
            "peer_median": 48, "rank": 3, "rank_of": 4, "national_value": Fraction("44.5")})

    def test_low_is_best_ranks_from_below(self):
        self.write("drops/themes/2026-05/t/f.csv",
                   HEADER + "E08000009,2023/24,4\nP1,2023/24,3\nP2,2023/24,5\nP3,2023/24,6\n")
        line = check.expected(self.folder, self.measure(best="low"))
        self.assertEqual((line["rank"], line["rank_of"]), (2, 4))

    def test_two_peers_make_no_mean(self):
        self.write("drops/themes/2026-05/t/f.csv", HEADER + "E08000009,2023/24,4\nP1,2023/24,3\nP2,2023/24,5\n")
        line = check.expected(self.folder, self.measure())
        self.assertEqual((line["peer_mean"], line["peer_median"], line["rank_of"]), (None, None, 3))

    def test_later_edition_restates_only_the_keys_it_holds(self):
        self.write("drops/themes/2024-09/t/f.csv", HEADER + "E08000009,2021/22,1\nE08000009,2022/23,2\n")
        self.write("drops/themes/2026-05/t/f.csv", HEADER + "E08000009,2022/23,3\n")
        line = check.expected(self.folder, self.measure(peers=None))
        self.assertEqual((line["value"], line["previous_value"]), (3, 1))

    def test_previous_is_one_step_back_and_never_the_row_before(self):
        self.write("drops/themes/2026-05/t/f.csv", HEADER + "E08000009,2020/21,1\nE08000009,2022/23,3\n")
        self.assertIsNone(check.expected(self.folder, self.measure(peers=None))["previous_value"])

    def test_count_from_a_fixed_start_compares_with_a_year_earlier(self):
        labels = ["2021/22 Q1", "2021/22 Q1 - 2022/23 Q2", "2021/22 Q1 - 2023/24 Q1", "2021/22 Q1 - 2023/24 Q2"]
        self.write("drops/themes/2026-05/t/f.csv",
                   HEADER + "".join(f"E08000009,{label},{n}\n" for n, label in enumerate(labels)))
        line = check.expected(self.folder, self.measure(period="since_quarter", peers=None))
        self.assertEqual((line["period_code"], line["value"], line["previous_value"]),
                         ("FY2021-22-Q1_2023-24-Q2", 3, 1))

    def test_ten_years_with_a_quarter_missing_are_left_out(self):
        head = "area_code,period,value_certificates_lodged,value_rating_A,value_rating_B,value_rating_C\n"
        ends = [f"{year}-{day}" for year in range(2015, 2026) for day in ("03-31", "06-30", "09-30", "12-31")]
        self.write("drops/themes/2026-05/t/f.csv",
                   head + "".join(f"E08000009,{end},10,1,2,1\n" for end in ends if end != "2015-03-31"))
        measure = self.measure(period="quarter_end", computed="decade", peers=None)
        line = check.expected(self.folder, measure)
        self.assertEqual((line["period_code"], line["value"], line["previous_value"]), ("CY2016_2025", 40, None))

    def test_same_key_twice_in_a_file_is_refused(self):
        self.write("drops/themes/2026-05/t/f.csv", HEADER + "E08000009,2022/23,3\nE08000009,2022/23,4\n")
        with self.assertRaisesRegex(ValueError, "f.csv:3: .* stands here twice"):
            check.expected(self.folder, self.measure())


class PeriodTest(unittest.TestCase):
    def test_labels_become_codes(self):
        for form, label, code in [
            ("calendar", "2025", "CY2025"),
            ("calendar_pooled", "2023 - 25", "CY2023_2025"),
            ("financial", "1999/00", "FY1999-00"),
            ("academic", "2024/25", "AY2024-25"),
            ("quarter", "2025/26 Q3", "FY2025-26-Q3"),
            ("since_quarter", "2021/22 Q1", "FY2021-22-Q1"),
            ("quarter_end", "2023-06-30", "FY2023-24-Q1"),
            ("quarter_end", "2026-03-31", "FY2025-26-Q4"),
            ("month", "2026-01", "FY2025-26-M10"),
            ("month_name", "April 2023", "FY2023-24-M01"),
            ("year_to", "2026-03-31", "R12-2026-03"),
            ("year_between", "Jan 2025-Dec 2025", "R12-2025-12"),
        ]:
            with self.subTest(label=label, form=form):
                self.assertEqual(check.PERIODS[form](label).code, code)

    def test_previous_quarter_end_is_three_months_before(self):
        self.assertEqual(check.quarter_end("2026-03-31").first - 3, check.quarter_end("2025-12-31").first)


class ExampleTest(unittest.TestCase):
    """On the example's own files, with figures read off them by hand."""

    @classmethod
    def setUpClass(cls):
        cls.lines = {measure.code: check.expected(EXAMPLE, measure) for measure in check.MEASURES}
        cls.scorecard = [{"measure_code": code, **{column: value if value is None else str(value)
                                                   for column, value in line.items()}}
                         for code, line in cls.lines.items()]

    def test_homes_rated_a_to_c(self):
        self.assertEqual(self.lines["CLI08"]["period_code"], "CY2016_2025")
        self.assertEqual(round(float(self.lines["CLI08"]["value"]), 1), 46.1)

    def test_peers_with_gaps(self):
        self.assertEqual(self.lines["CHI01"]["rank_of"], 9)
        self.assertEqual(self.lines["ECO06"]["rank_of"], 6)

    def test_four_series_with_peers_have_no_national_value(self):
        without = [measure.code for measure in check.MEASURES
                   if measure.peers and self.lines[measure.code]["national_value"] is None]
        self.assertEqual(without, ["CLI02", "CLI04", "CLI05", "ECO06"])

    def run_check(self, scorecard):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as out:
            path = pathlib.Path(folder) / "scorecard.json"
            path.write_text(json.dumps(scorecard), encoding="utf-8")
            return check.main([str(EXAMPLE), str(path)]), out.getvalue()

    def test_right_scorecard_passes(self):
        self.assertEqual(self.run_check(self.scorecard), (0, "check: 38 measures, 304 values compared, 0 differences\n"))

    def test_every_kind_of_planted_error_is_named(self):
        for code, column, planted in [
            ("CHI02", "value", "12.30001"), ("CHI02", "previous_value", None), ("CLI01", "peer_mean", "45.253334"),
            ("CLI01", "peer_median", "44.1"), ("CLI01", "rank", "6"), ("CLI01", "rank_of", "15"),
            ("CLI02", "national_value", "1"), ("CLI08", "value", "46.1"), ("CLI09", "rank", "1"),
            ("HEA06", "period_code", "FY2021-22-Q1_2025-26-Q2"),
        ]:
            with self.subTest(code=code, column=column):
                changed = [dict(row, **{column: planted}) if row["measure_code"] == code else row
                           for row in self.scorecard]
                ended, said = self.run_check(changed)
                self.assertEqual(ended, 1)
                self.assertIn(f"{code} {column}: the scorecard says", said)
                self.assertIn("304 values compared, 1 differences", said)

    def test_missing_and_unknown_measures_are_named(self):
        ended, said = self.run_check(self.scorecard[1:] + [dict(self.scorecard[1], measure_code="XXX01")])
        self.assertEqual(ended, 1)
        self.assertIn("CHI01: not on the scorecard", said)
        self.assertIn("XXX01: on the scorecard, unknown to this check", said)

    def test_scorecard_without_a_column_is_refused(self):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(self.run_check([{"measure_code": "CHI01"}])[0], 2)
        self.assertIn("has no column period_code", err.getvalue())

    def explanation(self, code, period):
        measure = next(measure for measure in check.MEASURES if measure.code == code)
        figure = next(figure for (area, at), figure in check.figures_of(EXAMPLE, measure).items()
                      if (area, at.code) == (measure.area, period))
        digest = hashlib.sha256((EXAMPLE / figure.file).read_bytes()).hexdigest()
        row = {"file": figure.file, "sha256": digest, "line": figure.line, "value": str(float(figure.value))}
        return {"measure_code": code, "period_code": period, "rows": [row]}

    def test_right_explanations_pass(self):
        for code, period in [("CHI02", "FY2024-25"), ("ECO06", "CY2023"), ("CLI07", "FY2025-26-Q2"),
                             ("CLI08", "CY2016_2025"), ("CLI09", "R12-2026-03"), ("ECO03", "FY2023-24-M01")]:
            with self.subTest(code=code):
                self.assertEqual(list(explain.faults(EXAMPLE, self.explanation(code, period))), [])

    def test_wrong_explanations_are_named(self):
        for change, said in [({"sha256": "0"}, "another SHA-256"), ({"line": 2}, "is not named"),
                             ({"value": "1"}, "does not hold 1"), ({"file": "drops/none.csv"}, "no such file"),
                             ({"line": 99999}, "no such line")]:
            with self.subTest(change=change):
                explanation = self.explanation("CHI02", "FY2024-25")
                explanation["rows"][0].update(change)
                self.assertIn(said, "\n".join(explain.faults(EXAMPLE, explanation)))


if __name__ == "__main__":
    unittest.main()
