//! The style sheet and the scripts, in the binary, under addresses that change with their content.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/page.js");
const DRAW_SCRIPT: &str = include_str!("assets/draw.js");

static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/style.css", STYLE));
static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/page.js", SCRIPT));
static DRAW_SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| address("/assets/draw.js", DRAW_SCRIPT));

fn address(path: &str, content: &str) -> String {
    format!("{path}?v={}", &hex(&Sha256::digest(content))[..12])
}

/// The address of the style sheet.
pub fn style_address() -> &'static str {
    &STYLE_ADDRESS
}

/// The address of the script.
pub fn script_address() -> &'static str {
    &SCRIPT_ADDRESS
}

/// The address of the script that draws again.
pub fn draw_script_address() -> &'static str {
    &DRAW_SCRIPT_ADDRESS
}

fn asset(request: &HttpRequest, kind: &'static str, content: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    // Only an address that names this very content may be kept for good.
    if request.query_string().starts_with("v=") {
        let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
        answer.insert_header((header::CACHE_CONTROL, kept));
    }
    answer.content_type(kind).body(content)
}

/// The style sheet.
pub async fn style(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/css; charset=utf-8", STYLE)
}

/// The script, which only takes reloads away.
pub async fn script(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/javascript; charset=utf-8", SCRIPT)
}

/// The script of the page that draws again: a program of its own.
pub async fn draw_script(request: HttpRequest) -> HttpResponse {
    asset(&request, "text/javascript; charset=utf-8", DRAW_SCRIPT)
}
