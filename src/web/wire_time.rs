//! Times on the wire: RFC 3339 with China's offset, milliseconds since 1970 inside.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

use crate::service::error::FieldFault;

/// `2026-06-20T08:00:00.000+08:00`.
pub fn written(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    at.to_zoned(TimeZone::fixed(offset(8))).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// `2026-06-20 08:00`, in China's time, as people read it.
pub fn read_by_people(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    at.to_zoned(TimeZone::fixed(offset(8))).strftime("%Y-%m-%d %H:%M").to_string()
}

/// Milliseconds since 1970 of an RFC 3339 time with any offset; a fault at `pointer` otherwise.
pub fn read(text: &str, pointer: &str, faults: &mut Vec<FieldFault>) -> i64 {
    match text.parse::<Timestamp>() {
        Ok(at) if (0..=253_402_300_799_999).contains(&at.as_millisecond()) => at.as_millisecond(),
        _ => {
            let rule = "must be a time such as 2026-06-20T08:00:00+08:00";
            faults.push(FieldFault::new(pointer, "malformed", rule));
            0
        }
    }
}

/// Milliseconds since 1970 of a field of date and time, `2026-06-20T08:00`, in China's time; a fault at `pointer`
/// otherwise.
pub fn read_local(text: &str, pointer: &str, faults: &mut Vec<FieldFault>) -> i64 {
    let seconds = if text.len() == "2026-06-20T08:00".len() { ":00" } else { "" };
    read(&format!("{text}{seconds}+08:00"), pointer, faults)
}
