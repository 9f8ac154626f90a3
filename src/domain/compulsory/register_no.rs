//! The national register number (学籍号): one person, one number, kept for life.

use std::fmt;

use jiff::civil::Date;

use crate::domain::person_name::masked_number;

/// What a number is, by its letter (reference.md section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RegisterKind {
    /// `G`: for life, the identity number of GB 11643 at the time it was given.
    Formal,
    /// `J`: for life unless an identity number comes; division of the school, birthday, serial, check digit.
    Interim,
    /// `L`: until the national check gives another one; division of the school, birthday, four signs.
    Temporary,
}

impl RegisterKind {
    /// Every kind.
    pub const ALL: [RegisterKind; 3] = [RegisterKind::Formal, RegisterKind::Interim, RegisterKind::Temporary];

    /// The letter in front.
    pub const fn letter(self) -> char {
        match self {
            RegisterKind::Formal => 'G',
            RegisterKind::Interim => 'J',
            RegisterKind::Temporary => 'L',
        }
    }
}

/// Why a text is no register number. It never holds the text: the number tells who the pupil is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotARegisterNo {
    Length,
    Letter,
    Digits,
    Birthday,
    CheckDigit,
}

impl NotARegisterNo {
    /// The broken rule in plain words.
    pub const fn rule(self) -> &'static str {
        match self {
            NotARegisterNo::Length => "must be a letter and 18 digits, the last of which may be X",
            NotARegisterNo::Letter => "must begin with G (formal), J (no identity number) or L (temporary)",
            NotARegisterNo::Digits => "must have digits behind its letter; only the last sign may be X",
            NotARegisterNo::Birthday => "holds no date of the calendar",
            NotARegisterNo::CheckDigit => "has a wrong check digit (GB 11643)",
        }
    }
}

/// A register number whose form was checked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegisterNo {
    text: String,
    kind: RegisterKind,
    born: Date,
}

impl RegisterNo {
    /// Reads a number; small letters are taken for capitals.
    ///
    /// Rule: reference.md section 7: *"19 characters: G + 18, J + generated 18 (6 area + 8 birth + 3 serial + check),
    /// L + 6 area + 8 birth + 4 random (temporary; no check digit)"*. Schools often put the identity number behind an
    /// L, so that it may end in X as well.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn parse(text: &str) -> Result<RegisterNo, NotARegisterNo> {
        let text = text.to_ascii_uppercase();
        if text.chars().count() != 19 {
            return Err(NotARegisterNo::Length);
        }
        let of =
            |kind: &RegisterKind| text.strip_prefix(kind.letter()).map(|number| (*kind, number.as_bytes()));
        let (kind, number) = RegisterKind::ALL.iter().find_map(of).ok_or(NotARegisterNo::Letter)?;
        let Some((last, digits)) = number.split_last() else { return Err(NotARegisterNo::Length) };
        if !digits.iter().all(u8::is_ascii_digit) || !(last.is_ascii_digit() || *last == b'X') {
            return Err(NotARegisterNo::Digits);
        }
        let born = birthday(&text).ok_or(NotARegisterNo::Birthday)?;
        if kind != RegisterKind::Temporary && *last != check_digit(digits) {
            return Err(NotARegisterNo::CheckDigit);
        }
        Ok(RegisterNo { text, kind, born })
    }

    /// The `J` number of a serial number, 1 to 999, among those born on a day in a division (GB/T 2260).
    ///
    /// # Errors
    /// A division or a serial number of another length.
    pub fn interim(division: &str, born: Date, serial: u32) -> Result<RegisterNo, NotARegisterNo> {
        let digits = format!("{division}{}{serial:03}", born.strftime("%Y%m%d"));
        if digits.len() != 17 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NotARegisterNo::Length);
        }
        RegisterNo::parse(&format!("J{digits}{}", char::from(check_digit(digits.as_bytes()))))
    }

    /// The `L` number of a serial number, 1 to 9999; the standard has four signs of any kind there.
    ///
    /// # Errors
    /// A division or a serial number of another length.
    pub fn temporary(division: &str, born: Date, serial: u32) -> Result<RegisterNo, NotARegisterNo> {
        RegisterNo::parse(&format!("L{division}{}{serial:04}", born.strftime("%Y%m%d")))
    }

    /// What it is.
    pub const fn kind(&self) -> RegisterKind {
        self.kind
    }

    /// The birthday it holds.
    pub const fn born(&self) -> Date {
        self.born
    }

    /// All 19 characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Masked: the number of a minor stands in no log.
impl fmt::Debug for RegisterNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked_number(&self.text))
    }
}

/// The date in the eighth to fifteenth character.
fn birthday(text: &str) -> Option<Date> {
    let (year, month, day) = (text.get(7..11)?, text.get(11..13)?, text.get(13..15)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The check digit of 17 digits (GB 11643-1999; ISO 7064, MOD 11-2).
fn check_digit(digits: &[u8]) -> u8 {
    // Horner's rule: each digit counts twice as much as the one behind it.
    let sum = digits.iter().fold(0_u32, |sum, digit| (sum * 2 + u32::from(digit - b'0')) % 11);
    b"10X98765432"[sum as usize * 2 % 11]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_kind_are_read() {
        for (text, kind) in [
            ("G11010519491231002X", RegisterKind::Formal),
            ("g11010519491231002x", RegisterKind::Formal),
            ("J140105201009010029", RegisterKind::Interim),
            ("L140105201009019999", RegisterKind::Temporary),
            ("L14010520100901999X", RegisterKind::Temporary),
        ] {
            let number = RegisterNo::parse(text).unwrap();
            assert_eq!((number.kind(), number.as_str()), (kind, text.to_ascii_uppercase().as_str()));
        }
        let number = RegisterNo::parse("G140181201202290014").unwrap();
        assert_eq!(number.born(), Date::constant(2012, 2, 29));
        assert_eq!(format!("{number:?}"), "G1***************14");
    }

    #[test]
    fn numbers_for_those_without_a_card_are_made() {
        let born = Date::constant(2012, 2, 29);
        let made = RegisterNo::interim("140181", born, 1).unwrap();
        assert_eq!(
            (made.as_str(), made.kind(), made.born()),
            ("J140181201202290014", RegisterKind::Interim, born)
        );
        assert_eq!(RegisterNo::temporary("140181", born, 7).unwrap().as_str(), "L140181201202290007");
        assert_eq!(RegisterNo::interim("140181", born, 1_000), Err(NotARegisterNo::Length));
        assert_eq!(RegisterNo::interim("14018X", born, 1), Err(NotARegisterNo::Length));
        assert_eq!(RegisterNo::temporary("1401811", born, 1), Err(NotARegisterNo::Length));
    }

    #[test]
    fn w19_and_every_broken_rule_is_told() {
        for (text, rule) in [
            ("", NotARegisterNo::Length),
            ("140105201009010010", NotARegisterNo::Length),
            ("LG140105201009010010", NotARegisterNo::Length),
            ("学140105201009010010", NotARegisterNo::Letter),
            ("X140105201009010010", NotARegisterNo::Letter),
            ("G14010520100901001 ", NotARegisterNo::Digits),
            ("G1401052010090100１0", NotARegisterNo::Digits),
            ("GX40105201009010010", NotARegisterNo::Digits),
            ("G140181201102290017", NotARegisterNo::Birthday),
            ("L140105000013019999", NotARegisterNo::Birthday),
            ("G110105194912310021", NotARegisterNo::CheckDigit),
            ("J140105201009010011", NotARegisterNo::CheckDigit),
        ] {
            assert_eq!(RegisterNo::parse(text).map(|_| ()), Err(rule), "{text}");
        }
    }
}
