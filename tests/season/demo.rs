//! `zhaosheng demo`.

use std::fs;
use std::path::Path;

use crate::drafts::{program, told};

fn demo(folder: &Path, size: &str, seed: &str) -> (i32, String, String) {
    told(program().args(["demo", "--size", size, "--seed", seed, "--folder"]).arg(folder))
}

#[test]
fn the_same_seed_gives_the_same_result_and_another_another() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = |name: &str, seed: &str| {
        let city = folder.path().join(name);
        let (code, out, err) = demo(&city, "1000", seed);
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(out.starts_with("DEMONSTRATION: "), "{out}");
        fs::read(city.join("result/proof/manifest.json")).unwrap()
    };
    let first = manifest("first", "7");
    assert_eq!(first, manifest("second", "7"));
    assert_ne!(first, manifest("third", "8"));
    assert_eq!(told(program().arg("verify").arg(folder.path().join("first/result"))).0, 0);
}

#[test]
fn sizes_out_of_range_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for size in ["0", "999", "10000001"] {
        let city = folder.path().join(size);
        let (code, out, err) = demo(&city, size, "1");
        assert_eq!((code, out.as_str(), err.as_str()), (2, "", "--size: must be from 1000 to 10000000\n"));
        assert!(!city.exists());
    }
}
