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

/// Text that must be written as CSV into this file: UTF-8 as it is, without a mark; else GB18030.
///
/// UTF-8 comes first because text in GB18030 practically never is valid UTF-8 by chance.
/// Valid UTF-8 is not copied. Undecodable bytes, UTF-16 and NUL are faults.
pub fn decode(file: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Fault> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(Fault::at(file, "is UTF-16; save it as \"CSV UTF-8\""));
    }
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(at_byte(file, &bytes, at, "a NUL byte: this is no text; save it as \"CSV UTF-8\""));
    }
    let mut text = if std::str::from_utf8(&bytes).is_ok() {
        bytes
    } else {
        match gb18030(&bytes) {
            Ok(text) => text.into_bytes(),
            Err(at) => {
                let rule = "neither UTF-8 nor GB18030; save it as \"CSV UTF-8\"";
                return Err(at_byte(file, &bytes, at, rule));
            }
        }
    };
    if text.starts_with(BOM) {
        text.drain(..BOM.len());
    }
    Ok(text)
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

/// GBK text of one field, `None` where bytes are neither UTF-8 nor GBK.
pub fn decode_field(bytes: &[u8], utf8_first: bool) -> Option<Cow<'_, str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) if utf8_first || bytes.is_ascii() => Some(Cow::Borrowed(text)),
        // GB18030 reads all of GBK and the rare names written by newer systems.
        _ => GB18030.decode_without_bom_handling_and_without_replacement(bytes),
    }
}

fn at_byte(file: &str, bytes: &[u8], at: usize, rule: &str) -> Fault {
    let row = 1 + memchr::memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() as u64;
    Fault { row: Some(row), ..Fault::at(file, rule) }
}
