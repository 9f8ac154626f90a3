//! Numbers of identity (GB 11643) and sex as the rosters write them: checked, never kept.

use jiff::civil::Date;

use crate::domain::fault::Fault;
use crate::files::rows::{Row, was_a_number};

/// A cell of a sex in one word, `male`, `female` or `unknown`: 男 and 女, M and F, the digits of GB/T 2261.1, or the
/// word itself. A word of its own and not one of `cell_words.toml`: rosters keep their cells as they are written.
pub fn sex_word(text: &str) -> &str {
    match text {
        "男" | "M" | "1" => "male",
        "女" | "F" | "2" => "female",
        "未知" | "0" | "9" => "unknown",
        other => other,
    }
}

/// Checks the columns `sex` and `id_no` of a row; both may be empty, not everyone has a card.
pub fn check(row: &Row<'_>, sex: usize, id_no: usize, faults: &mut Vec<Fault>) {
    let male = match row.text(sex) {
        "男" | "M" | "1" => Some(true),
        "女" | "F" | "2" => Some(false),
        "" | "0" | "9" => None,
        _ => {
            faults.push(row.fault(sex, "must be 男 or 女 (M, F; 1, 2 of GB/T 2261.1)"));
            None
        }
    };
    let number = row.text(id_no);
    if number.is_empty() {
        return;
    }
    // The number itself stays out of the fault: faults are printed and kept.
    let mut say = |rule: &str| {
        let mut fault = row.fault(id_no, rule);
        fault.value = String::new();
        faults.push(fault);
    };
    match document(number) {
        Err(rule) => say(rule),
        Ok(Some(is_male)) if male.is_some_and(|male| male != is_male) => {
            say("does not fit the sex: an odd seventeenth digit is male");
        }
        Ok(_) => {}
    }
}

/// The number of an identity document; tells whether a male's where the number tells it.
///
/// Not everybody has a card of GB 11643: HK and Macau permits (`H` or `M` and 8 or 10 digits),
/// Taiwan permits (8 or 10 digits), passports and old permits of residence (letters and digits,
/// 5 to 17) pass. A number of digits only that is neither is a mistyped card.
pub fn document(number: &str) -> Result<Option<bool>, &'static str> {
    let bytes = number.as_bytes();
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let tail_of_card = bytes.strip_suffix(b"X").or_else(|| bytes.strip_suffix(b"x"));
    if was_a_number(number) {
        Err(
            "was turned into a number by a spreadsheet and lost digits: format the column as text and enter it again",
        )
    } else if bytes.len() == 18
        || tail_of_card.is_some_and(digits)
        || (digits(bytes) && !matches!(bytes.len(), 8 | 10))
    {
        check_number(number).map(Some)
    } else if let [b'H' | b'M' | b'h' | b'm', rest @ ..] = bytes
        && digits(rest)
    {
        // A passport may begin with these letters too, but then it has another length.
        if (5..=12).contains(&rest.len()) { Ok(None) } else { Err("must be H or M and 8 or 10 digits") }
    } else if (5..=17).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes.iter().any(u8::is_ascii_digit)
    {
        Ok(None)
    } else {
        Err("must be the number of a card (GB 11643), a permit or a passport")
    }
}

/// The date of birth that the number of a card holds.
pub fn born(number: &str) -> Option<Date> {
    check_number(number).ok()?;
    let digits = |from: usize, to: usize| number[from..to].parse::<i16>().ok();
    Date::new(digits(6, 10)?, digits(10, 12)? as i8, digits(12, 14)? as i8).ok()
}

/// GB 11643-1999: length, date of birth, check digit; returns whether it is a male's.
pub fn check_number(number: &str) -> Result<bool, &'static str> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = number.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return Err("must be 17 digits and a check digit (GB 11643)");
    }
    let digits = |from: usize, to: usize| number[from..to].parse::<i16>().unwrap_or(0);
    let (month, day) = (digits(10, 12) as i8, digits(12, 14) as i8);
    if Date::new(digits(6, 10), month, day).is_err() {
        return Err("holds no date of the calendar");
    }
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = b"10X98765432"[sum as usize % 11];
    if bytes[17].to_ascii_uppercase() != check {
        return Err("has a wrong check digit (GB 11643)");
    }
    Ok(bytes[16] % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w19_numbers_of_identity() {
        for good in [
            "11010519491231002X",
            "440524188001010014",
            "140105201009010010",
            "140105201009010029",
            "140181201202290014",
            "11010519491231002x",
        ] {
            assert!(check_number(good).is_ok(), "{good}");
        }
        assert_eq!(check_number("140105201009010010"), Ok(true));
        assert_eq!(check_number("140105201009010029"), Ok(false));
        for bad in ["140181201102290017", "110105194912310021", "1101051949123100", ""] {
            assert!(check_number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn not_everybody_has_a_card() {
        for good in ["H1234567801", "M12345678", "12345678", "E12345678", "USA110010100123", "XY0012345"] {
            assert_eq!(document(good), Ok(None), "{good}");
        }
        for bad in
            ["1101051949123100", "1234567890123456789", "H1", "无", "1.10101E+17", "ABCDEFG", "123456789X"]
        {
            assert!(document(bad).is_err(), "{bad}");
        }
        assert!(document("1.10101E+17").unwrap_err().contains("spreadsheet"));
    }
}
