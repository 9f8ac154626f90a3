//! The OpenAPI 3.1 document, collected from the routes and completed by what all operations share.

use actix_web::App;
use utoipa::OpenApi;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa_actix_web::AppExt;

use crate::domain::language::Language;
use crate::web::problem::{CODES, FieldProblem, Problem};
use crate::web::routes::routes;
use crate::words::texts::Words;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "zhaosheng 招生",
        description = "Admission to senior high schools that anyone can check. Times are RFC 3339 with +08:00, \
            codes are strings, errors are RFC 9457 problems with a stable `code`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem, FieldProblem))
)]
struct Cover;

/// The document as this program's routes make it.
pub fn document() -> utoipa::openapi::OpenApi {
    let app = App::new().into_utoipa_app().openapi(Cover::openapi()).configure(routes);
    let (_, mut document) = app.split_for_parts();
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for item in document.paths.paths.values_mut() {
        let slots = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (method, slot) in slots {
            if let Some(operation) = slot {
                complete(operation, method == HttpMethod::Get);
            }
        }
    }
    document
}

/// Adds what every operation may answer beside its own answers.
fn complete(operation: &mut Operation, reads: bool) {
    if operation.security.is_none() {
        operation.security = Some(vec![SecurityRequirement::new("bearer", Vec::<String>::new())]);
    }
    let mut statuses: Vec<u16> = CODES.iter().map(|(_, status)| status.as_u16()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    // Only writes meet preconditions and bodies.
    statuses.retain(|status| !(reads && [412, 413, 415, 428].contains(status)));
    for status in statuses {
        let of_status = CODES.iter().filter(|(_, known)| known.as_u16() == status);
        let titles: Vec<String> =
            of_status.map(|(code, _)| Words(Language::English).of_kind("problem", code)).collect();
        let problem: RefOr<Response> = ResponseBuilder::new()
            .description(titles.join("; "))
            .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))))
            .build()
            .into();
        operation.responses.responses.entry(status.to_string()).or_insert(problem);
    }
}

/// The document as it is committed in `openapi/`.
pub fn text() -> String {
    let mut text = document().to_pretty_json().expect("the document is JSON");
    text.push('\n');
    text
}
