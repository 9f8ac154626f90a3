//! Bytes to text and back.

use zhaosheng::files::encoding::{Encoding, decode, encode};

const NAMES: &str = "name\n张三\n𬱖𠮷\n㛃\n阿卜杜·买买提\n鿬\n";

#[test]
fn gb18030_holds_every_name_and_gbk_lists_what_it_lacks() {
    for encoding in [Encoding::Utf8, Encoding::Utf8Bom, Encoding::Gb18030] {
        let bytes = encode(NAMES, encoding).unwrap();
        assert_eq!(decode("a.csv", bytes).unwrap(), NAMES.as_bytes(), "{encoding:?}");
    }
    assert_eq!(encode(NAMES, Encoding::Gbk).unwrap_err(), [3, 4, 6]);
    let plain = encode("name\n张三\n", Encoding::Gbk).unwrap();
    assert_eq!(plain, b"name\n\xD5\xC5\xC8\xFD\n");
    assert_eq!(encode("a\n\u{E5E5}\n", Encoding::Gb18030).unwrap_err(), [2]);
}

#[test]
fn one_character_of_gbk_is_not_taken_for_a_letter() {
    assert_eq!(decode("a.csv", b"name\n\xC2\xB7\n".to_vec()).unwrap(), "name\n路\n".as_bytes());
    let name = "name\n阿·买\n".as_bytes();
    assert_eq!(decode("a.csv", name.to_vec()).unwrap(), name);
}

#[test]
fn undecodable_bytes_name_their_row() {
    let fault = decode("a.csv", b"name\n\xD5\xC5\n\xFF\xFF\n".to_vec()).unwrap_err();
    assert_eq!(fault.row, Some(3));
    assert_eq!(decode("a.csv", b"a\nb\0\n".to_vec()).unwrap_err().row, Some(2));
    let short = decode("a.csv", b"a\n\xD5\xC5\n\x81".to_vec()).unwrap_err();
    assert_eq!(short.row, Some(3));
}
