//! A place on the map in whole ten-millionths of a degree: no binary fraction decides who is nearer.

/// Ten-millionths of a degree in a degree.
const SCALE: i64 = 10_000_000;

/// A place: longitude and latitude (CGCS2000 or WGS 84; the two differ by less than a metre).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinates {
    /// Ten-millionths of a degree, east positive.
    pub longitude: i64,
    /// Ten-millionths of a degree, north positive.
    pub latitude: i64,
}

impl Coordinates {
    /// A place of two decimals in degrees (`112.2570`); further places than seven are cut.
    pub fn parse(longitude: &str, latitude: &str) -> Option<Coordinates> {
        let longitude = degrees(longitude).filter(|value| value.abs() <= 180 * SCALE)?;
        let latitude = degrees(latitude).filter(|value| value.abs() <= 90 * SCALE)?;
        Some(Coordinates { longitude, latitude })
    }

    /// Longitude and latitude as decimals of degrees.
    pub fn degrees(self) -> [String; 2] {
        [self.longitude, self.latitude].map(|value| {
            let sign = if value < 0 { "-" } else { "" };
            format!("{sign}{}.{:07}", value.abs() / SCALE, value.abs() % SCALE)
        })
    }

    /// Metres to another place in a straight line, rounded down; right to a few metres inside a county.
    pub fn metres_to(self, other: Coordinates) -> u32 {
        // A degree of latitude is 111,195 m on a sphere of 6,371 km.
        const METRES: i128 = 111_195;
        let middle = (self.latitude + other.latitude) / 2;
        let east = i128::from(other.longitude - self.longitude) * cosine(middle) / i128::from(SCALE);
        let north = i128::from(other.latitude - self.latitude);
        let metres = (east * east + north * north).isqrt() * METRES / i128::from(SCALE);
        u32::try_from(metres).unwrap_or(u32::MAX)
    }
}

/// Ten-millionths of a degree.
fn degrees(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !plain(whole) || !plain(behind) {
        return None;
    }
    let behind: String = behind.chars().chain("0000000".chars()).take(7).collect();
    Some(sign * (whole.parse::<i64>().ok()? * SCALE + behind.parse::<i64>().ok()?))
}

/// The cosine of an angle in ten-millionths of a degree, in ten-millionths: its series in whole numbers.
fn cosine(angle: i64) -> i128 {
    const ONE: i128 = 1 << 60;
    // pi / 180 in units of 2^-60.
    const RADIAN: i128 = 20_122_276_272_436_452;
    let x = i128::from(angle) * RADIAN / i128::from(SCALE);
    let square = (x * x) >> 60;
    let (mut sum, mut term) = (ONE, ONE);
    for step in 1..=12 {
        term = -((term * square) >> 60) / ((2 * step - 1) * (2 * step));
        sum += term;
    }
    (sum * i128::from(SCALE)) >> 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_a_map() {
        for (angle, expected) in [(0, 10_000_000), (60, 5_000_000), (45, 7_071_067), (90, 0)] {
            assert!((cosine(angle * SCALE) - expected).abs() <= 1, "{angle}: {}", cosine(angle * SCALE));
        }
        let place = |longitude, latitude| Coordinates::parse(longitude, latitude).unwrap();
        // A hundredth of a degree north, and one east at 60 degrees: half as far.
        assert_eq!(place("112.25", "31.71").metres_to(place("112.25", "31.72")), 1_111);
        assert_eq!(place("20", "60").metres_to(place("20.01", "60")), 555);
        for (longitude, latitude) in [("", "1"), ("1e3", "1"), ("181", "1"), ("1", "90.1"), ("1,5", "2")] {
            assert_eq!(Coordinates::parse(longitude, latitude), None, "{longitude} {latitude}");
        }
    }
}
