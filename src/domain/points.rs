//! Marks and totals as exact decimals: no rounding happens unless the policy asks for it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// How many units make one point: a mark of three places times a weight of three is still exact.
const UNITS: i64 = 1_000_000;

/// A number of points, exact to a millionth (DP31: decimal arithmetic, never binary floats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i64);

/// Why a text is no number of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPoints {
    /// It is not written as a plain decimal (digits, at most one point, an optional sign).
    NotDecimal,
    /// It has more decimal places than can be kept exactly.
    TooManyPlaces,
    /// It is beyond one thousand million points.
    TooLarge,
}

impl fmt::Display for NotPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NotPoints::NotDecimal => "must be a plain decimal number",
            NotPoints::TooManyPlaces => "has too many decimal places",
            NotPoints::TooLarge => "is too large",
        })
    }
}

impl Points {
    pub const ZERO: Points = Points(0);
    /// Beyond every total: an open end of a range.
    pub const MAX: Points = Points(i64::MAX / 4);

    /// Whole points.
    pub const fn whole(points: i64) -> Points {
        Points(points * UNITS)
    }

    /// From millionths of a point.
    pub const fn from_millionths(millionths: i64) -> Points {
        Points(millionths)
    }

    /// In millionths of a point.
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// Reads `612.5`, `-3`, `.5`; at most `places` decimals (6 at most), at most 10^9 in size.
    pub fn parse(text: &str, places: u32) -> Result<Points, NotPoints> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let mut value: i64 = 0;
        let mut seen_digit = false;
        let mut decimals: Option<u32> = None;
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    seen_digit = true;
                    if let Some(count) = &mut decimals {
                        *count += 1;
                        if *count > places.min(6) {
                            // A zero beyond the places says nothing more, so it is not refused.
                            if byte == b'0' {
                                *count -= 1;
                                continue;
                            }
                            return Err(NotPoints::TooManyPlaces);
                        }
                    }
                    value = value * 10 + i64::from(byte - b'0');
                    if value > 1_000_000_000 * UNITS {
                        return Err(NotPoints::TooLarge);
                    }
                }
                b'.' if decimals.is_none() => decimals = Some(0),
                _ => return Err(NotPoints::NotDecimal),
            }
        }
        if !seen_digit {
            return Err(NotPoints::NotDecimal);
        }
        for _ in decimals.unwrap_or(0)..6 {
            value = value.checked_mul(10).ok_or(NotPoints::TooLarge)?;
        }
        if value > 1_000_000_000 * UNITS {
            return Err(NotPoints::TooLarge);
        }
        Ok(Points(if negative { -value } else { value }))
    }

    /// Times a weight, exact as long as both together have at most six decimals.
    ///
    /// `None` where the product would need more.
    pub fn times(self, weight: Points) -> Option<Points> {
        let product = i128::from(self.0) * i128::from(weight.0);
        if product % i128::from(UNITS) != 0 {
            return None;
        }
        i64::try_from(product / i128::from(UNITS)).ok().map(Points)
    }

    /// Rounded half up (away from zero for the half) to `places` decimals (DP31 `half_up`).
    pub fn half_up(self, places: u32) -> Points {
        let step = 10_i64.pow(6 - places.min(6));
        let magnitude = (self.0.abs() + step / 2) / step * step;
        Points(magnitude * self.0.signum())
    }

    /// The largest whole number of points not above this.
    pub const fn floor(self) -> i64 {
        self.0.div_euclid(UNITS)
    }

    /// Appends the shortest decimal writing (`612.5`, `600`) to a buffer.
    pub fn write_to(self, out: &mut Vec<u8>) {
        if self.0 < 0 {
            out.push(b'-');
        }
        let magnitude = self.0.unsigned_abs();
        let unit = UNITS.unsigned_abs();
        out.extend_from_slice(itoa::Buffer::new().format(magnitude / unit).as_bytes());
        let mut rest = magnitude % unit;
        if rest > 0 {
            out.push(b'.');
            let mut place = unit / 10;
            while rest > 0 {
                out.push(b'0' + u8::try_from(rest / place).unwrap_or(0));
                rest %= place;
                place /= 10;
            }
        }
    }
}

impl std::ops::Add for Points {
    type Output = Points;
    fn add(self, other: Points) -> Points {
        Points(self.0 + other.0)
    }
}

impl std::ops::Sub for Points {
    type Output = Points;
    fn sub(self, other: Points) -> Points {
        Points(self.0 - other.0)
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Points>>(iter: I) -> Points {
        iter.fold(Points::ZERO, |sum, next| sum + next)
    }
}

impl FromStr for Points {
    type Err = NotPoints;
    fn from_str(text: &str) -> Result<Points, NotPoints> {
        Points::parse(text, 6)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(12);
        self.write_to(&mut text);
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// A policy file writes points as text (`"0.6"`), a whole number, or a plain decimal.
impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Points, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Points;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number with at most six places")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Points, E> {
                text.parse().map_err(E::custom)
            }
            fn visit_i64<E: serde::de::Error>(self, whole: i64) -> Result<Points, E> {
                whole.to_string().parse().map_err(E::custom)
            }
            fn visit_u64<E: serde::de::Error>(self, whole: u64) -> Result<Points, E> {
                whole.to_string().parse().map_err(E::custom)
            }
            // The shortest writing of the number is what stood in the file.
            fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Points, E> {
                number.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_and_written_exactly() {
        for text in ["0", "612.5", "-3.125", "710", "0.000001"] {
            assert_eq!(text.parse::<Points>().unwrap().to_string(), text);
        }
        assert_eq!(Points::parse("1.2345", 3), Err(NotPoints::TooManyPlaces));
        assert_eq!(Points::parse("1.500", 1), Ok(Points(1_500_000)));
        assert_eq!("".parse::<Points>(), Err(NotPoints::NotDecimal));
        assert_eq!("1e3".parse::<Points>(), Err(NotPoints::NotDecimal));
        assert_eq!("99999999999".parse::<Points>(), Err(NotPoints::TooLarge));
    }

    #[test]
    fn a_half_goes_up() {
        let total: Points = "630.5".parse().unwrap();
        assert_eq!(total.half_up(0), Points::whole(631));
        assert_eq!("58.45".parse::<Points>().unwrap().half_up(1).to_string(), "58.5");
    }
}
