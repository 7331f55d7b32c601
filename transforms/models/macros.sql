-- Rules of arithmetic, each in one place. A rule is named by its mark in docs: RAG
-- (status against target), DOT (direction of travel), RNK and QRT (rank and quartile).
-- All work in decimals; none reads a table.

-- A quotient to 10 places by way of binary fractions: quick and nearly always right, so
-- decimal_divide takes it only where it has proved it.
create or replace macro quotient_guessed(num, den) as
    cast(
        cast(round(cast(num as double) / cast(den as double) * 10000000000) as bigint)
        as decimal(38, 0)
    ) * cast(0.0000000001 as decimal(11, 10));

-- A quotient to 10 places, half away from zero, by dividing whole numbers. Holds for
-- dividends below 8.5 × 10^17.
create or replace macro quotient_worked_out(num, den) as
    cast(
        case when (num < 0) = (den < 0) then 1 else -1 end
        * (
            (
                2 * abs(cast(cast(num as decimal(38, 10)) * 10000000000 as hugeint))
                * 10000000000
                + abs(cast(cast(den as decimal(38, 10)) * 10000000000 as hugeint))
            )
            // (2 * abs(cast(cast(den as decimal(38, 10)) * 10000000000 as hugeint)))
        )
        as decimal(38, 0)
    ) * cast(0.0000000001 as decimal(11, 10));

-- Divides exactly, to 10 places, half away from zero. Null where the divisor is zero or
-- either side is null. Engines divide decimals as binary fractions, which moves values
-- across a threshold. So a quotient found that way is multiplied back in decimals: where
-- the dividend lies nearer to it than half of its last place it is the right one, and
-- otherwise (a tie, a large quotient) whole numbers are divided, which takes ten times
-- as long. Holds for dividends below 8.5 × 10^17.
create or replace macro decimal_divide(num, den) as
    case
        when num is null or den is null or den = 0 then null
        else coalesce(
            case
                when
                    abs(num) < 10000000000000000
                    and abs(den) < 10000000000000000
                    and abs(num) * 0.00001 < abs(den)
                    then case
                        when
                            20000000000 * abs(
                                cast(num as decimal(38, 10))
                                - quotient_guessed(num, den) * cast(den as decimal(38, 10))
                            ) < abs(den)
                            then quotient_guessed(num, den)
                    end
            end,
            quotient_worked_out(num, den)
        )
    end;

-- Divides whole numbers and drops the rest.
create or replace macro whole_divide(num, den) as num // den;

-- Divides positive whole numbers and rounds up.
create or replace macro whole_divide_up(num, den) as whole_divide(num + den - 1, den);

-- Rounds half away from zero to 0 to 10 places. Null places leave the value as it is.
create or replace macro round_to(amount, places) as
    case places
        when 0 then cast(round(amount, 0) as decimal(38, 10))
        when 1 then cast(round(amount, 1) as decimal(38, 10))
        when 2 then cast(round(amount, 2) as decimal(38, 10))
        when 3 then cast(round(amount, 3) as decimal(38, 10))
        when 4 then cast(round(amount, 4) as decimal(38, 10))
        when 5 then cast(round(amount, 5) as decimal(38, 10))
        when 6 then cast(round(amount, 6) as decimal(38, 10))
        when 7 then cast(round(amount, 7) as decimal(38, 10))
        when 8 then cast(round(amount, 8) as decimal(38, 10))
        when 9 then cast(round(amount, 9) as decimal(38, 10))
        else cast(amount as decimal(38, 10))
    end;

-- The local date of a moment; London's where no zone is named.
create or replace macro local_date(moment, zone) as
    cast(timezone(coalesce(zone, 'Europe/London'), moment) as date);

-- The same day a number of months later, or earlier where it is negative. The last day
-- of a month gives the last day.
create or replace macro month_shift(from_date, months) as
    cast((from_date + 1) + interval '1' month * months as date) - 1;

-- The financial quarter that a day lies in, as a period's code such as FY2024-25-Q4.
create or replace macro financial_quarter(on_date) as
    case
        when on_date is not null then concat(
            'FY',
            cast(extract(year from month_shift(on_date, -3)) as varchar),
            '-',
            substr(cast(extract(year from month_shift(on_date, 9)) as varchar), 3, 2),
            '-Q',
            cast(extract(quarter from month_shift(on_date, -3)) as varchar)
        )
    end;

-- Months from one period of a frequency to the next (DOT-1). Null for days, weeks and
-- what comes at no fixed step.
create or replace macro step_months(frequency) as
    case frequency
        when 'monthly' then 1
        when 'bimonthly' then 2
        when 'quarterly' then 3
        when 'half-yearly' then 6
        when 'annual' then 12
        when 'biennial' then 24
        when 'every decade' then 120
    end;

-- The end of the period some steps of the frequency after the one that ends on
-- from_date; before it where steps is negative (DOT-1). Null where the frequency has no
-- fixed step.
create or replace macro step_end(from_date, frequency, steps) as
    case frequency
        when 'daily' then from_date + steps
        when 'weekly' then from_date + 7 * steps
        else month_shift(from_date, step_months(frequency) * steps)
    end;

-- Whole steps of a frequency from one end of a period to a day, below zero where the day is
-- earlier; those of months count from the month alone. Null where there is no fixed step.
create or replace macro steps_between(from_date, frequency, up_to) as
    cast(
        case frequency
            when 'daily' then up_to - from_date
            when 'weekly' then whole_divide(up_to - from_date + 70000, 7) - 10000
            else whole_divide(
                (extract(year from up_to) - extract(year from from_date)) * 12
                + extract(month from up_to) - extract(month from from_date)
                + step_months(frequency) * 1000,
                step_months(frequency)
            ) - 1000
        end as integer
    );

-- The end of the last period on or before a day, a whole number of steps of the frequency
-- from the one that ends on from_date. Null where the frequency has no fixed step.
create or replace macro last_step_end(from_date, frequency, up_to) as
    case
        when step_end(from_date, frequency, steps_between(from_date, frequency, up_to))
            > up_to
            then step_end(
                from_date, frequency, steps_between(from_date, frequency, up_to) - 1
            )
        else step_end(from_date, frequency, steps_between(from_date, frequency, up_to))
    end;

-- The end of the same period a year before (DOT-1). A week is compared with the one 52
-- weeks before; what comes every second year or less often with the one before.
create or replace macro year_ago_end(from_date, frequency) as
    case
        when frequency = 'weekly' then from_date - 364
        when step_months(frequency) > 12 then step_end(from_date, frequency, -1)
        else month_shift(from_date, -12)
    end;

-- Whether a measure only describes the place: such a measure gets no status (RAG-10).
create or replace macro is_context(polarity, influence) as
    coalesce(polarity, 'context') = 'context' or coalesce(influence, '') = 'context';

-- The width of tolerance (RAG-1): a share of the target's size when relative, so that it
-- lies on the worse side of a negative target too (RAG-8) and is nothing for a target of
-- zero (RAG-7); the measure's own units when absolute; else nothing.
create or replace macro rag_width(target, tolerance_kind, tolerance_value) as
    case tolerance_kind
        when 'relative' then abs(target) * tolerance_value
        when 'absolute' then tolerance_value
        else 0
    end;

-- Decimal places to which value and limit are rounded before they are compared (RAG-6):
-- 9, or those displayed where the council compares what it displays.
create or replace macro rag_places(rag_compare, decimals) as
    case when rag_compare = 'displayed' then decimals else 9 end;

-- Whether a value is on or on the better side of its limit, the target widened by the
-- tolerance (RAG-2, RAG-3, RAG-5). Band: each side widens by its own bound, and an open
-- side has no limit (RAG-4).
create or replace macro rag_within(
    amount, target, band_low, band_high, polarity, tolerance_kind, tolerance_value, places
) as
    case polarity
        when 'higher' then
            round_to(amount, places)
            >= round_to(target - rag_width(target, tolerance_kind, tolerance_value), places)
        when 'lower' then
            round_to(amount, places)
            <= round_to(target + rag_width(target, tolerance_kind, tolerance_value), places)
        when 'band' then
            (
                band_low is null
                or round_to(amount, places)
                >= round_to(band_low - rag_width(band_low, tolerance_kind, tolerance_value), places)
            )
            and (
                band_high is null
                or round_to(amount, places)
                <= round_to(band_high + rag_width(band_high, tolerance_kind, tolerance_value), places)
            )
    end;

-- Whether there is something to judge a value by: a target, or for a band at least one
-- of its sides.
create or replace macro rag_has_target(target, band_low, band_high, polarity) as
    case
        when polarity = 'band' then band_low is not null or band_high is not null
        else target is not null
    end;

-- Green, amber or red; null without value or target. scheme is standard, compliance (met
-- or not met, no tolerance: RAG-9) or target_then_dot (green within tolerance, else
-- amber where the year's direction is not worse, else red: RAG-13).
create or replace macro rag_status(
    amount, target, band_low, band_high, polarity, scheme, tolerance_kind, tolerance_value, places,
    direction_long
) as
    case
        when amount is null or not rag_has_target(target, band_low, band_high, polarity) then null
        when polarity not in ('higher', 'lower', 'band') then null
        when rag_within(amount, target, band_low, band_high, polarity, 'none', 0, places) then 'green'
        when scheme = 'compliance' then 'red'
        when rag_within(
            amount, target, band_low, band_high, polarity, tolerance_kind, tolerance_value, places
        ) then case when scheme = 'target_then_dot' then 'green' else 'amber' end
        when scheme = 'target_then_dot' and direction_long in ('improving', 'no_change') then 'amber'
        else 'red'
    end;

-- Why there is no status (RAG-10); null where there is one.
create or replace macro rag_reason(amount, value_status, has_target, polarity, influence) as
    case
        when is_context(polarity, influence) then 'context'
        when amount is null and value_status = 'suppressed' then 'suppressed'
        when amount is null and value_status = 'not_due' then 'not_due'
        when amount is null then 'no_data'
        when not has_target then 'no_target'
    end;

-- How far a value lies outside a band; 0 inside (DOT-4).
create or replace macro outside_band(amount, band_low, band_high) as
    case
        when amount < band_low then band_low - amount
        when amount > band_high then amount - band_high
        else 0
    end;

-- The change from before to now as displayed (DOT-3); for a band, how much nearer to it
-- the value has come (DOT-4).
create or replace macro displayed_change(amount_now, amount_before, polarity, decimals, band_low, band_high) as
    case
        when polarity = 'band' then
            outside_band(round_to(amount_before, decimals), band_low, band_high)
            - outside_band(round_to(amount_now, decimals), band_low, band_high)
        else round_to(amount_now, decimals) - round_to(amount_before, decimals)
    end;

-- The direction of travel in words (DOT-3 to DOT-5). A change that does not show in the
-- displayed decimals, or is smaller than min_change, is no change. Without polarity
-- values only increase or decrease.
create or replace macro direction(
    amount_now, amount_before, polarity, decimals, min_change, band_low, band_high
) as
    case
        when amount_now is null or amount_before is null then 'not_comparable'
        when
            displayed_change(amount_now, amount_before, polarity, decimals, band_low, band_high) = 0
            or abs(
                displayed_change(amount_now, amount_before, polarity, decimals, band_low, band_high)
            ) < coalesce(min_change, 0)
            then 'no_change'
        when polarity in ('higher', 'band') then
            case
                when displayed_change(
                    amount_now, amount_before, polarity, decimals, band_low, band_high
                ) > 0 then 'improving'
                else 'worsening'
            end
        when polarity = 'lower' then
            case when amount_now < amount_before then 'improving' else 'worsening' end
        else case when amount_now > amount_before then 'increasing' else 'decreasing' end
    end;

-- The value by which councils are ranked, the highest first: turned round where lower is
-- better (RNK-1).
create or replace macro rank_value(amount, polarity) as
    case when polarity = 'lower' then -amount else amount end;

-- Which of some groups (4: quartile, 5: quintile, 10: decile) a rank among n falls into,
-- 1 the best; null where there are fewer values than groups (QRT-1). Equal ranks always
-- share a group.
create or replace macro quantile_group(rank_position, n, groups) as
    case
        when rank_position is null or n < groups then null
        when groups + 1 - whole_divide_up((n + 1 - rank_position) * groups, n) < 1 then 1
        else groups + 1 - whole_divide_up((n + 1 - rank_position) * groups, n)
    end;

-- The quartile of a rank among n (QRT-1).
create or replace macro quartile(rank_position, n) as quantile_group(rank_position, n, 4);

-- The place, counted from 1 in rising order of n values, of the value at or below a cut
-- point: 1, 2, 3 quarters (QRT-2).
create or replace macro cut_place(n, quarters) as 1 + whole_divide((n - 1) * quarters, 4);

-- The cut point between the value at its place and the one above, by linear
-- interpolation at 1 + (n − 1) × quarters ÷ 4 (QRT-2). The median is the cut at 2
-- quarters.
create or replace macro cut_point(amount_below, amount_above, n, quarters) as
    decimal_divide(
        amount_below * (4 - ((n - 1) * quarters) % 4)
        + coalesce(amount_above, amount_below) * (((n - 1) * quarters) % 4),
        4
    );

-- The cut point of amounts in rising order, none of them null (QRT-2).
create or replace macro cut_of(amounts, quarters) as
    cut_point(
        amounts[cut_place(len(amounts), quarters)],
        amounts[cut_place(len(amounts), quarters) + 1],
        len(amounts),
        quarters
    );

-- The code of the whole nation that a council lies in: its value is the national value.
create or replace macro national_area(organisation_code) as
    case substr(organisation_code, 1, 1)
        when 'E' then 'E92000001'
        when 'W' then 'W92000004'
        when 'S' then 'S92000003'
        when 'N' then 'N92000002'
    end;

-- The value of an observation: only the statuses ok, provisional and estimated carry
-- one.
create or replace macro observed_value(amount, value_status) as
    case
        when coalesce(value_status, 'ok') in ('ok', 'provisional', 'estimated') then amount
    end;

-- The status of an observation: ok where a value has none, missing where a value should
-- be and is not.
create or replace macro observed_status(amount, value_status) as
    case
        when amount is not null then coalesce(value_status, 'ok')
        when coalesce(value_status, 'ok') in ('ok', 'provisional', 'estimated') then 'missing'
        else value_status
    end;

-- A number as people write it: without the noughts that end its decimals.
create or replace macro plain_number(amount) as
    rtrim(rtrim(cast(cast(amount as decimal(38, 10)) as varchar), '0'), '.');

-- The kind of tolerance that applies: the target's, else the measure's, else relative.
create or replace macro tolerance_kind_used(target_kind, measure_kind) as
    coalesce(target_kind, measure_kind, 'relative');

-- The size of that tolerance: of whichever names the kind, else 5 % of the target
-- (RAG-1).
create or replace macro tolerance_value_used(
    target_kind, target_tolerance, measure_kind, measure_tolerance
) as
    coalesce(
        case
            when target_kind is not null then target_tolerance
            when measure_kind is not null then measure_tolerance
            else cast(0.05 as decimal(38, 10))
        end,
        0
    );
