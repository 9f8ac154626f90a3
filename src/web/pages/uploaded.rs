//! A form of a page with a file in it that was sent: its fields, its file, and that it came from our own page.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use crate::web::pages::frame::Frame;
use crate::web::pages::member::{Member, Visitor};
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::{Fields, check_site, check_token};
use crate::web::problem::Problem;

/// Bytes of an uploaded file at most, here as through the API.
pub const MOST_UPLOAD: usize = 64 << 20;
/// Bytes of a field beside the file, and fields, at most.
const MOST_TEXT: usize = 64 << 10;
const MOST_FIELDS: usize = 20;
/// Bytes of everything that somebody may send who need not be logged in.
const MOST_OF_VISITOR: usize = 1 << 20;

/// A form with a file that a member sent.
pub struct Uploaded {
    pub member: Member,
    pub fields: Fields,
    /// As the member's machine calls it; empty where none was chosen.
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// A form with a file that anybody sent.
pub struct UploadedByVisitor {
    pub frame: Frame,
    pub fields: Fields,
    pub bytes: Vec<u8>,
}

impl FromRequest for Uploaded {
    type Error = PageProblem;
    type Future = Pin<Box<dyn Future<Output = Result<Uploaded, PageProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_site(&request)?;
            let member = Member::of(&request).await.map_err(|error| PageProblem::of(&request, error))?;
            let parts = Multipart::new(request.headers(), payload);
            let Sent { fields, file_name, bytes } = read(&request, Some(&member), parts).await?;
            Ok(Uploaded { member, fields, file_name, bytes })
        })
    }
}

impl FromRequest for UploadedByVisitor {
    type Error = PageProblem;
    type Future = Pin<Box<dyn Future<Output = Result<UploadedByVisitor, PageProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            check_site(&request)?;
            let Visitor(_, frame) = Visitor::from_request(&request, &mut Payload::None).await?;
            let parts = Multipart::new(request.headers(), payload);
            let Sent { fields, bytes, .. } = read(&request, None, parts).await?;
            Ok(UploadedByVisitor { frame, fields, bytes })
        })
    }
}

/// What a form held.
struct Sent {
    fields: Fields,
    file_name: String,
    bytes: Vec<u8>,
}

/// Reads a form: of a member, with her token before the file; of anybody, less of it.
async fn read(
    request: &HttpRequest,
    member: Option<&Member>,
    mut parts: Multipart,
) -> Result<Sent, PageProblem> {
    let refused = |code: &str| PageProblem::of(request, Problem::of(code));
    let mut fields = Vec::new();
    let mut confirmed = member.is_none();
    let mut left = MOST_OF_VISITOR;
    let (mut file_name, mut file) = (String::new(), Vec::new());
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(|_| refused("malformed"))?;
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            // Nobody fills our memory from another site's page.
            if !confirmed {
                return Err(refused("cross_site"));
            }
            let disposition = part.content_disposition();
            let called = disposition.and_then(|disposition| disposition.get_filename()).unwrap_or_default();
            file_name = called.to_owned();
            let most = if member.is_some() { MOST_UPLOAD } else { left };
            file = content(&mut part, most).await.map_err(refused)?;
            left = left.saturating_sub(file.len());
            continue;
        }
        let most = if member.is_some() { MOST_TEXT } else { left };
        let bytes = content(&mut part, most).await.map_err(refused)?;
        left = left.saturating_sub(bytes.len());
        let text = String::from_utf8(bytes).map_err(|_| refused("malformed"))?;
        if name == "csrf"
            && let Some(member) = member
        {
            check_token(request, member, &text)?;
            confirmed = true;
        }
        fields.push((name, text));
        if fields.len() > MOST_FIELDS {
            return Err(refused("malformed"));
        }
    }
    if !confirmed {
        return Err(refused("cross_site"));
    }
    Ok(Sent { fields: Fields::of(request, fields)?, file_name, bytes: file })
}

/// The bytes of a part, or the code of the problem with it.
async fn content(part: &mut Field, most: usize) -> Result<Vec<u8>, &'static str> {
    let bytes = part.bytes(most).await.map_err(|_| "too_large")?;
    Ok(bytes.map_err(|_| "malformed")?.to_vec())
}
