//! Where the shared cases and figures stand, and small makers of inputs.

use std::path::PathBuf;

use zhaosheng::domain::points::Points;
use zhaosheng::domain::quota::{JuniorLine, Method, ProgrammeLine};
use zhaosheng::engine::apportionment::{Terms, apportion};

/// A path below `../shared`, or a printed reason where it is absent.
pub(crate) fn shared(below: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(below);
    let path = if path.exists() {
        path
    } else {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")).join(below)
    };
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

pub(crate) fn seats(method: Method, seats: u64, weights: &[u64], minimum: u64) -> Vec<u64> {
    apportion(method, seats, weights, &Terms { minimum, ..Terms::default() }).unwrap().seats()
}

pub(crate) fn points(text: &str) -> Points {
    text.parse().unwrap()
}

pub(crate) fn junior(code: &str, area: u32, eligible: u64) -> JuniorLine {
    JuniorLine {
        code: code.to_owned(),
        area,
        eligible,
        graduates: eligible,
        intake: eligible,
        factor: Points::whole(1),
        direct: false,
    }
}

pub(crate) fn programme(code: &str, base: u32, share: &str, scope: &[u32]) -> ProgrammeLine {
    ProgrammeLine {
        code: code.to_owned(),
        seats: base,
        base,
        share: points(share),
        high_quality: false,
        scope: scope.to_vec(),
        overrides: Vec::new(),
    }
}

/// Fair numbers of a fixed seed (splitmix64); the bias of the remainder is below 2^-40 here.
pub(crate) fn chance(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |bound| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}
