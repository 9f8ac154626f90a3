//! The proof sheet of a quota plan: a CSV for machines, a page to follow with a pocket calculator.

use std::io::{self, Write};

use crate::domain::points::Points;
use crate::domain::quota::{
    FLOOR_SHARE, Fraction, JuniorLine, ProgrammeLine, ProgrammeQuota, ProofLine, QuotaPlan, RowGroup, Why,
};

/// The columns of the CSV.
const COLUMNS: [&str; 12] = [
    "programme_code",
    "junior_code",
    "weight",
    "weight_total",
    "seats_to_share",
    "share_numerator",
    "share_denominator",
    "integer_part",
    "remainder",
    "seats",
    "why",
    "override_reason",
];

/// Writes the CSV: one row per line of the proof, the share as an exact fraction.
///
/// A pool's row names its juniors joined by `;`. Row totals of the matrix stand first, with
/// `group 1`, `group 2` in place of a programme code. Same plan, same bytes.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_csv(
    plan: &QuotaPlan,
    juniors: &[JuniorLine],
    programmes: &[ProgrammeLine],
    out: &mut impl Write,
) -> io::Result<()> {
    let mut sheet = csv::Writer::from_writer(out);
    sheet.write_record(COLUMNS)?;
    for (index, group) in plan.groups.iter().enumerate() {
        let code = format!("group {}", index + 1);
        for line in &group.lines {
            write_row(&mut sheet, &code, line, juniors)?;
        }
    }
    for (quota, programme) in plan.per_programme.iter().zip(programmes) {
        for line in &quota.lines {
            write_row(&mut sheet, &programme.code, line, juniors)?;
        }
    }
    sheet.flush()
}

fn write_row<W: Write>(
    sheet: &mut csv::Writer<W>,
    programme: &str,
    line: &ProofLine,
    juniors: &[JuniorLine],
) -> io::Result<()> {
    let (share, exact) = (&line.share, line.share.share());
    let numbers = [
        u128::from(share.weight),
        share.weight_total,
        u128::from(share.seats_to_share),
        exact.numerator,
        exact.denominator,
        share.whole(),
        share.remainder(),
        u128::from(share.seats),
    ];
    sheet.write_field(programme)?;
    sheet.write_field(names(line, juniors, ";"))?;
    for number in numbers {
        sheet.write_field(number.to_string())?;
    }
    sheet.write_field(share.why.word())?;
    sheet.write_field(line.reason.as_deref().unwrap_or(""))?;
    sheet.write_record(None::<&[u8]>)?;
    Ok(())
}

/// Writes the page. Same plan, same bytes.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_page(
    plan: &QuotaPlan,
    juniors: &[JuniorLine],
    programmes: &[ProgrammeLine],
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "Quota seats: how every number was computed")?;
    writeln!(out, "A share is weight x seats / total of the weights = whole part + remainder / total.")?;
    if !plan.direct.is_empty() {
        writeln!(out, "\nDirect seats (DP7): eligible / divisor, a half goes up")?;
        for direct in &plan.direct {
            let code = &juniors[direct.junior as usize].code;
            let quotient = decimals(u128::from(direct.eligible), u128::from(direct.divisor));
            writeln!(
                out,
                "  {code}: {} / {} = {quotient} -> {}",
                direct.eligible, direct.divisor, direct.seats
            )?;
        }
    }
    for (index, group) in plan.groups.iter().enumerate() {
        write_group(index + 1, group, juniors, programmes, out)?;
    }
    for (quota, programme) in plan.per_programme.iter().zip(programmes) {
        write_programme(quota, programme, juniors, out)?;
    }
    write_floor(plan, programmes, out)
}

fn write_group(
    number: usize,
    group: &RowGroup,
    juniors: &[JuniorLine],
    programmes: &[ProgrammeLine],
    out: &mut impl Write,
) -> io::Result<()> {
    let codes: Vec<&str> =
        group.programmes.iter().map(|&programme| programmes[programme as usize].code.as_str()).collect();
    writeln!(out, "\nGroup {number}: programmes {}, {} seats to share", codes.join(", "), group.seats)?;
    write_divisor(group.divisor, out)?;
    for line in &group.lines {
        write_line(line, group.divisor, juniors, out)?;
    }
    let total: u64 = group.lines.iter().map(|line| line.share.seats).sum();
    writeln!(out, "  row totals together: {total}")
}

fn write_programme(
    quota: &ProgrammeQuota,
    programme: &ProgrammeLine,
    juniors: &[JuniorLine],
    out: &mut impl Write,
) -> io::Result<()> {
    let (base, share) = (programme.base, programme.share);
    let product = Points::from_millionths(share.millionths().saturating_mul(i64::from(base)));
    writeln!(
        out,
        "\nProgramme {}: base {base} x share {share} = {product}, rounded up {}",
        programme.code, quota.due
    )?;
    writeln!(
        out,
        "  fixed by hand {}, direct {}, left to share {}",
        quota.by_override, quota.direct, quota.to_share
    )?;
    write_divisor(quota.divisor, out)?;
    for line in &quota.lines {
        write_line(line, quota.divisor, juniors, out)?;
    }
    let mut extra: Vec<(u32, String)> =
        quota.lines.iter().filter_map(|line| extra_seat(line, juniors)).collect();
    extra.sort();
    if !extra.is_empty() {
        let names: Vec<String> = extra.into_iter().map(|(_, name)| name).collect();
        writeln!(out, "  extra seats in order: {}", names.join(", "))?;
    }
    writeln!(out, "  placed {} of {}", quota.placed, quota.due)?;
    if quota.unplaceable > 0 {
        writeln!(out, "  {} seats that no junior can take", quota.unplaceable)?;
    }
    Ok(())
}

fn extra_seat(line: &ProofLine, juniors: &[JuniorLine]) -> Option<(u32, String)> {
    match line.share.why {
        Why::Remainder { place } | Why::Lot { place } => Some((place, names(line, juniors, "+"))),
        _ => None,
    }
}

fn write_divisor(divisor: Option<Fraction>, out: &mut impl Write) -> io::Result<()> {
    match divisor {
        Some(divisor) => writeln!(
            out,
            "  common divisor {} / {} = {}",
            divisor.numerator,
            divisor.denominator,
            decimals(divisor.numerator, divisor.denominator)
        ),
        None => Ok(()),
    }
}

fn write_line(
    line: &ProofLine,
    divisor: Option<Fraction>,
    juniors: &[JuniorLine],
    out: &mut impl Write,
) -> io::Result<()> {
    let share = &line.share;
    write!(out, "  {}: ", names(line, juniors, "+"))?;
    if let Some(reason) = &line.reason {
        return writeln!(out, "{} (fixed by hand: {reason})", share.seats);
    }
    if share.weight == 0 {
        return writeln!(out, "0 (no weight)");
    }
    write!(out, "{} x {} / {}", share.weight, share.seats_to_share, share.weight_total)?;
    write!(out, " = {} + {}/{}", share.whole(), share.remainder(), share.weight_total)?;
    if let (Some(divisor), Why::Divisor | Why::Minimum | Why::Cap) = (divisor, share.why) {
        let quotient = u128::from(share.weight)
            .checked_mul(divisor.denominator)
            .map(|above| decimals(above, divisor.numerator));
        write!(out, "; / divisor = {}", quotient.unwrap_or_default())?;
    }
    writeln!(out, " -> {} ({})", share.seats, reason_in_words(share.why))
}

fn reason_in_words(why: Why) -> String {
    match why {
        Why::WholeOnly => "the whole part".to_owned(),
        Why::Remainder { place } => format!("one more: remainder in place {place}"),
        Why::LostRemainder { place } => format!("no more: remainder in place {place}"),
        Why::HalfUp => "a half or more goes up".to_owned(),
        Why::BelowHalf => "less than a half goes down".to_owned(),
        Why::Dropped => "the fraction is dropped".to_owned(),
        Why::Lot { place } => format!("one more: lot in place {place}"),
        Why::LostLot { place } => format!("no more: lot in place {place}"),
        Why::Divisor => "rounded by the method".to_owned(),
        Why::Minimum => "raised to the minimum".to_owned(),
        Why::Cap => "held at the cap".to_owned(),
        Why::NoWeight => "no weight".to_owned(),
        Why::MarginUp => "up, so that row and column add up".to_owned(),
        Why::MarginDown => "down, so that row and column add up".to_owned(),
        Why::Biproportional => "by the multipliers of row and column".to_owned(),
        Why::InPool => "too small alone, in the pool of its area".to_owned(),
        Why::Pool => "pool of an area, a half goes up".to_owned(),
        Why::Direct => "direct seats".to_owned(),
        Why::Override => "fixed by hand".to_owned(),
    }
}

fn write_floor(plan: &QuotaPlan, programmes: &[ProgrammeLine], out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\nFloor for high-quality senior highs (SX22 6.2): at least {}",
        percent(u128::from(FLOOR_SHARE.millionths().unsigned_abs()), 1_000_000,)
    )?;
    for (quota, programme) in plan.per_programme.iter().zip(programmes).filter(|(_, line)| line.high_quality)
    {
        let base = u128::from(programme.base);
        writeln!(
            out,
            "  {}: due {} of {base} = {}; placed {} = {}",
            programme.code,
            quota.due,
            percent(u128::from(quota.due), base),
            quota.placed,
            percent(u128::from(quota.placed), base)
        )?;
    }
    let (floor, base) = (&plan.floor, u128::from(plan.floor.base));
    writeln!(
        out,
        "  together: due {} of {base} = {}; placed {} = {}; {} that nobody can take",
        floor.due,
        percent(u128::from(floor.due), base),
        floor.placed,
        percent(u128::from(floor.placed), base),
        floor.unplaceable
    )
}

fn names(line: &ProofLine, juniors: &[JuniorLine], between: &str) -> String {
    let codes: Vec<&str> =
        line.juniors.iter().map(|&junior| juniors[junior as usize].code.as_str()).collect();
    codes.join(between)
}

/// A quotient to six places, cut off, never rounded; `...` where more would follow.
fn decimals(above: u128, below: u128) -> String {
    if below == 0 {
        return "-".to_owned();
    }
    let (whole, mut rest) = (above / below, above % below);
    let mut text = whole.to_string();
    if rest > 0 {
        text.push('.');
    }
    for _ in 0..6 {
        if rest == 0 {
            break;
        }
        let Some(tenfold) = rest.checked_mul(10) else { break };
        text.push_str(&(tenfold / below).to_string());
        rest = tenfold % below;
    }
    if rest > 0 {
        text.push_str("...");
    }
    text
}

/// Percent to two places, cut off, so that it never shows more than there is.
fn percent(part: u128, whole: u128) -> String {
    match (part * 10_000).checked_div(whole) {
        Some(hundredths) => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
        None => "-".to_owned(),
    }
}
