//! Points, identity numbers: against oracles that share nothing with the parsers.

use zhaosheng::domain::points::Points;
use zhaosheng::files::identity::check_number;

use crate::mutation::{Chance, Verdict, mutant, run};

/// The millionths of a decimal by its digits alone; `None` where it must be refused.
fn millionths(text: &str, places: usize) -> Option<i128> {
    let (negative, digits) = match text.split_at_checked(1) {
        Some(("-", rest)) => (true, rest),
        Some(("+", rest)) => (false, rest),
        _ => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = whole.chars().chain(part.chars()).all(|sign| sign.is_ascii_digit());
    if !plain || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    if whole.len() > 10 || part.len() > places.min(6) {
        return None;
    }
    let size: i128 = format!("0{whole}{part:0<6}").parse().unwrap();
    (size <= 1_000_000_000_000_000).then_some(if negative { -size } else { size })
}

/// A decimal divided by a power of ten, a half going away from zero, by its digits.
fn rounded(millionths: i128, places: u32) -> i128 {
    let step = 10_i128.pow(6 - places.min(6));
    let (whole, rest) = (millionths.abs() / step, millionths.abs() % step);
    (whole + i128::from(2 * rest >= step && step > 1)) * step * millionths.signum()
}

#[test]
fn points() {
    let corpus = [
        "612.5",
        "-3.125",
        "+.5",
        "0.000001",
        "1000000000",
        "999999999.999999",
        "1.5000000",
        "00710",
        "1000000000.0000000",
    ];
    let corpus: Vec<Vec<u8>> = corpus.iter().map(|text| text.as_bytes().to_vec()).collect();
    let words = ["-", "+", ".", "e5", " ", "０", "00000", "1000000000.000001", "999999999999999999999"];
    let mut chance = Chance::new(4);
    let mut places = Chance::new(5);
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        let most = places.below(9);
        let wanted = millionths(text, most);
        let found = Points::parse(text, most as u32);
        if found.ok().map(|points| i128::from(points.millionths())) != wanted {
            return Verdict::Wrong(format!("{most} places: {found:?}, not {wanted:?}"));
        }
        let Ok(points) = found else { return Verdict::Refused };
        let shown = points.to_string();
        let half_up = (0..8).all(|kept| {
            i128::from(points.half_up(kept).millionths()) == rounded(i128::from(points.millionths()), kept)
        });
        if shown.parse() != Ok(points)
            || !half_up
            || points.floor() != points.millionths().div_euclid(1_000_000)
        {
            return Verdict::Wrong(format!("{shown} is written, rounded or cut off wrongly"));
        }
        let product = i128::from(points.millionths()) * i128::from(points.millionths());
        let exact = (product % 1_000_000 == 0)
            .then_some(product / 1_000_000)
            .filter(|wide| i64::try_from(*wide).is_ok());
        match points.times(points).map(|square| i128::from(square.millionths())) == exact {
            true => Verdict::Accepted,
            false => Verdict::Wrong("the product is wrong".to_owned()),
        }
    };
    run("points", 120_000, 10_000, || mutant(&mut chance, &corpus, &words), check);
}

/// Days of a month, by the rule of Gregory's calendar.
pub(crate) fn is_day(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// GB 11643 by its other definition (ISO 7064, MOD 11-2): the whole number leaves 1.
fn is_identity(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    let value = |sign: char| if matches!(sign, 'x' | 'X') { Some(10) } else { sign.to_digit(10) };
    if signs.len() != 18 || !signs[..17].iter().all(char::is_ascii_digit) {
        return false;
    }
    let Some(check) = value(signs[17]) else { return false };
    let sum = signs[..17].iter().fold(0, |sum, sign| (sum + value(*sign).unwrap()) * 2 % 11);
    let number = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap();
    (sum + check) % 11 == 1 && is_day(number(6, 10), number(10, 12), number(12, 14))
}

#[test]
fn identity_numbers() {
    let corpus = [
        "11010519491231002X",
        "440524188001010014",
        "140105201202290014",
        "11010519491231002x",
        "140105200002290013",
    ];
    let corpus: Vec<Vec<u8>> = corpus.iter().map(|text| text.as_bytes().to_vec()).collect();
    let mut chance = Chance::new(6);
    let digits = |chance: &mut Chance| {
        let mut bytes = corpus[chance.below(corpus.len())].clone();
        for _ in 0..=chance.below(3) {
            let place = chance.below(18);
            bytes[place] = b"0123456789Xx"[chance.below(12)];
        }
        // Every other one gets the check digit that fits, or nearly none would be read.
        if chance.below(2) == 0
            && let Ok(text) = std::str::from_utf8(&bytes[..17])
        {
            let fits = "0123456789X".chars().map(|last| format!("{text}{last}")).find(|id| is_identity(id));
            bytes = fits.map_or(bytes, String::into_bytes);
        }
        bytes
    };
    let next = || match chance.below(3) {
        0 => mutant(&mut chance, &corpus, &["x", "１", "X"]),
        _ => digits(&mut chance),
    };
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        let found = check_number(text);
        match (found.is_ok(), is_identity(text)) {
            (true, true) => Verdict::Accepted,
            (false, false) => Verdict::Refused,
            (_, wanted) => Verdict::Wrong(format!("{found:?}, wanted {wanted}")),
        }
    };
    run("identity numbers", 40_000, 4_000, next, check);
}
