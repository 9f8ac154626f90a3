//! The committed API document is what the routes make.

use zhaosheng::web::document;

#[test]
fn the_committed_document_is_the_routes_own() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/zhaosheng.json");
    let current = document::text();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &current).expect("openapi/ is writable");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == current, "the API changed: run `UPDATE=1 cargo test --test openapi`");
}
