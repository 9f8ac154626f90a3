//! Bytes to text and back: UTF-8 with or without a mark, GB18030, GBK; never a silent `?`.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, GB18030, GBK};

use crate::domain::fault::Fault;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without a mark.
    Utf8,
    /// UTF-8 with a byte order mark, so that Excel recognises it.
    Utf8Bom,
    /// GB18030: every character of Unicode.
    Gb18030,
    /// GBK: what old systems read; lacks rare characters of names.
    Gbk,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Text in an encoding, or the rows (lines from 1) with a character that the encoding lacks.
pub fn encode(text: &str, encoding: Encoding) -> Result<Vec<u8>, Vec<u64>> {
    let code = match encoding {
        Encoding::Utf8 => return Ok(text.as_bytes().to_vec()),
        Encoding::Utf8Bom => return Ok([BOM, text.as_bytes()].concat()),
        Encoding::Gb18030 => GB18030,
        Encoding::Gbk => GBK,
    };
    // What cannot be written comes back as `&#...;` with the last flag set: never passed on.
    match code.encode(text) {
        (bytes, _, false) => Ok(bytes.into_owned()),
        (_, _, true) => Err(text
            .split('\n')
            .zip(1..)
            .filter(|(line, _)| code.encode(line).2)
            .map(|(_, row)| row)
            .collect()),
    }
}

/// The text of a file: UTF-8 as it is, without its mark; else GB18030.
///
/// Valid UTF-8 is not copied. Undecodable bytes, UTF-16 and NUL are faults.
pub fn decode(file: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(Fault::at(file, "is UTF-16; save it as \"CSV UTF-8\""));
    }
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(at_byte(file, &bytes, at, "has a NUL byte, so it is no text; save it as \"CSV UTF-8\""));
    }
    if is_utf8(&bytes) {
        let mut text = bytes;
        if text.starts_with(BOM) {
            text.drain(..BOM.len());
        }
        return Ok(text);
    }
    match gb18030(&bytes) {
        Ok(text) => Ok(text.into_bytes()),
        Err(at) => {
            let rule = "is neither UTF-8 nor GB18030; save it as \"CSV UTF-8\"";
            Err(at_byte(file, &bytes, at, rule))
        }
    }
}

/// Whether bytes are UTF-8 and not GBK that is UTF-8 by chance.
///
/// Two bytes of one Chinese character in GBK can be one letter of UTF-8 (`C2 B7` is U+8DEF or
/// U+00B7), so a short list of names may be both. Chinese in UTF-8 has characters of three bytes:
/// text with letters of two bytes only is GBK where it can be.
pub fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
        && (bytes.starts_with(BOM)
            || bytes.is_ascii()
            || bytes.iter().any(|byte| *byte >= 0xE0)
            || gb18030(bytes).is_err())
}

/// GB18030 text, or the first byte that cannot be decoded.
fn gb18030(bytes: &[u8]) -> Result<String, usize> {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    // Two bytes become at most three, so this is always room enough.
    let mut text = String::with_capacity(
        decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3),
    );
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => Ok(text),
        (_, read) => Err(read.saturating_sub(1)),
    }
}

/// The text of one field of a table, `None` where it cannot be decoded. GB18030 reads all of GBK.
pub fn decode_field(bytes: &[u8], utf8: bool) -> Option<Cow<'_, str>> {
    if utf8 || bytes.is_ascii() {
        std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
    } else {
        GB18030.decode_without_bom_handling_and_without_replacement(bytes)
    }
}

fn at_byte(file: &str, bytes: &[u8], at: usize, rule: &str) -> Fault {
    let row = 1 + memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() as u64;
    Fault { row: Some(row), ..Fault::at(file, rule) }
}
