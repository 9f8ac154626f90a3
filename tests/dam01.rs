//! The reader of yardstick markets: a small market comes through whole, a damaged one is refused.

#[path = "../benches/dam01.rs"]
mod dam01;

use std::path::Path;

use dam01::{Dam, fnv};

/// Numbers of `size` bytes each, padded to a multiple of eight bytes.
fn column(size: usize, numbers: &[u64]) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        numbers.iter().flat_map(|number| number.to_le_bytes()[..size].to_vec()).collect();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// Three students, two programmes, two counties; the second student lists nothing.
fn market() -> Vec<u8> {
    let header = [0x31_304d_4144, 1, 3, 2, 3, 2, 7, 0];
    [
        column(8, &header),
        column(4, &[0, 2, 3]),
        column(4, &[0, 2, 2]),
        column(4, &[1, 4]),
        column(8, &[0, 2, 2, 3]),
        column(4, &[1, 0, 1]),
        column(2, &[700, 701, 800]),
        column(2, &[10, 20, 450]),
        column(2, &[1, 2, 150]),
        column(4, &[5, 6, 0xffff_fffe]),
    ]
    .concat()
}

#[test]
fn a_market_comes_through_whole() {
    let dam = Dam::read(&market()).unwrap();
    assert_eq!((dam.soff, dam.coff, dam.cap), (vec![0, 2, 3], vec![0, 2, 2], vec![1, 4]));
    assert_eq!((dam.poff, dam.pref), (vec![0, 2, 2, 3], vec![1, 0, 1]));
    assert_eq!((dam.score, dam.sec1, dam.sec2), (vec![700, 701, 800], vec![10, 20, 450], vec![1, 2, 150]));
    assert_eq!(dam.hash, [5, 6, 0xffff_fffe]);
}

#[test]
fn a_damaged_market_is_refused() {
    let whole = market();
    for length in 0..whole.len() {
        assert!(Dam::read(&whole[..length]).is_err(), "cut to {length} bytes");
    }
    assert!(Dam::read(&[whole.clone(), vec![0; 8]].concat()).is_err(), "longer than it says");
    // One byte each of: the magic, the version, each count, a county's offset, a list's offset, a programme.
    for at in [0, 8, 16, 24, 32, 40, 47, 72, 112, 136] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        assert!(Dam::read(&damaged).is_err(), "byte {at}");
    }
    let fault = Dam::open(Path::new("no/such/market.dam")).unwrap_err();
    assert!(fault.starts_with("no/such/market.dam: "), "{fault}");
}

#[test]
fn the_checksum_is_the_yardsticks() {
    // `fnv` of dam.hpp, compiled with g++ 12, over the same numbers.
    assert_eq!(fnv(&[]), 0x1465_0fb0_739d_0383);
    assert_eq!(fnv(&[0, 1, 51_999, u32::MAX]), 0x09cc_1b8d_2874_ef5e);
}
