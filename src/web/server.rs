//! The server: sockets, bounds on what clients may do, one log line and one count per request.

use std::hash::{Hash, Hasher};
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, Server, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::web::{self, Data, FormConfig, JsonConfig, PathConfig, PayloadConfig, QueryConfig};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, HttpServer, ResponseError};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::faults::crash_point::crash_point;
use crate::service::app::App;
use crate::web::caller::{caller_of, session_of};
use crate::web::document::document;
use crate::web::measure::Measure;
use crate::web::pace::Pace;
use crate::web::pages::live_city::LiveCity;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::routes::pages;
use crate::web::pages::uploaded::MOST_UPLOAD;
use crate::web::problem::Problem;
use crate::web::request_scope::{RequestScope, language_of};
use crate::web::routes::routes;
use crate::web::under_way::{Refused, UnderWay};

/// Bytes of a JSON body at most.
const MOST_JSON: usize = 256 * 1024;
/// Bytes of a page's form at most: the enrolment of a large school has a field or two for each pupil, the longest
/// single field is a policy.
const MOST_FORM: usize = 256 * 1024;
/// How long a client may take nothing of its answer.
const UNREAD: Duration = Duration::from_secs(8);

/// Where to listen and how much to take on.
pub struct Listen {
    pub service: TcpListener,
    /// Metrics have a bind of their own: they are for operators, not for the public.
    pub metrics: Option<TcpListener>,
    /// Threads that serve; 0 for one per core.
    pub workers: usize,
    /// Requests per second that one token, or without one its address, may make; `None` for tests.
    pub rate: Option<NonZeroU32>,
    /// Requests under way at a time; more are refused before anything is done for them.
    pub places: usize,
    /// Of `zhaosheng demo` alone: roles without a password, over invented people.
    pub demonstration: Option<LiveCity>,
}

/// Seconds of its rate that a caller may spend at once: a page with its pictures, a school's first minute.
const BURST_S: u32 = 5;

/// How many requests each caller has left, on this instance.
type Rates = governor::DefaultKeyedRateLimiter<u64>;

/// Starts the servers. They end on SIGTERM and SIGINT, after the requests under way.
///
/// # Errors
/// A socket cannot be used.
pub fn start(app: App, listen: Listen) -> std::io::Result<Vec<Server>> {
    let measure = Data::new(Measure::default());
    let rates = listen.rate.map(|rate| {
        let burst = NonZeroU32::new(rate.get().saturating_mul(BURST_S)).unwrap_or(rate);
        Data::new(Rates::keyed(governor::Quota::per_second(rate).allow_burst(burst)))
    });
    let demonstration = listen.demonstration.map(Data::new);
    let places = Data::new(UnderWay::new(listen.places));
    let rates_to_shrink = rates.clone();
    let counted = measure.clone();
    let app = Data::new(app);
    let mut server = HttpServer::new(move || {
        let (routed, document) =
            actix_web::App::new().into_utoipa_app().openapi(document()).configure(routes).split_for_parts();
        let templates = Data::new(Templates::of(&document));
        let routed = match &rates {
            Some(rates) => routed.app_data(rates.clone()),
            None => routed,
        };
        let routed = match &demonstration {
            Some(demonstration) => routed.app_data(demonstration.clone()),
            None => routed,
        };
        routed
            .app_data(app.clone())
            .app_data(places.clone())
            .app_data(counted.clone())
            .app_data(templates)
            .app_data(
                JsonConfig::default().limit(MOST_JSON).error_handler(|error, _| body_problem(&error).into()),
            )
            .app_data(PayloadConfig::new(MOST_UPLOAD))
            .app_data(FormConfig::default().limit(MOST_FORM))
            .app_data(QueryConfig::default().error_handler(|error, _| malformed(&error).into()))
            .app_data(PathConfig::default().error_handler(|_, _| Problem::of("not_found").into()))
            .configure(pages)
            .service(
                SwaggerUi::new("/api/docs/{_:.*}")
                    .url("/api/openapi.json", document)
                    .config(Config::default().validator_url("none")),
            )
            .default_service(web::to(unrouted))
            .wrap(from_fn(measured))
            .wrap(
                DefaultHeaders::new()
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::REFERRER_POLICY, "no-referrer"))
                    .add((header::X_FRAME_OPTIONS, "DENY"))
                    .add((header::CACHE_CONTROL, "no-store")),
            )
    })
    .on_connect(|connection, _| unread_ends(connection))
    .client_request_timeout(Duration::from_secs(5))
    .client_disconnect_timeout(Duration::from_secs(5))
    .keep_alive(Duration::from_secs(15))
    .shutdown_timeout(20);
    if let Some(rates) = rates_to_shrink {
        // Callers that have not come back for a while need no counter.
        actix_web::rt::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                rates.retain_recent();
            }
        });
    }
    if listen.workers > 0 {
        server = server.workers(listen.workers);
    }
    let mut servers = vec![server.listen(listen.service)?.run()];
    if let Some(socket) = listen.metrics {
        let metrics = HttpServer::new(move || {
            actix_web::App::new().app_data(measure.clone()).route("/metrics", web::get().to(metrics))
        });
        servers.push(metrics.workers(1).listen(socket)?.run());
    }
    Ok(servers)
}

/// Ends a connection whose client takes no answer: what was sent must be taken within [`UNREAD`].
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "only Linux knows the setting"))]
fn unread_ends(connection: &dyn std::any::Any) {
    #[cfg(target_os = "linux")]
    if let Some(socket) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() {
        let patience = u32::try_from(UNREAD.as_millis()).unwrap_or(u32::MAX);
        // A kernel that does not know it lets such a connection stand: nothing else is lost.
        let _unknown = rustix::net::sockopt::set_tcp_user_timeout(socket, patience);
    }
}

async fn metrics(measure: Data<Measure>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(measure.text())
}

/// Path templates of the document, to tell 405 from 404.
struct Templates(Vec<(actix_web::dev::ResourceDef, String)>);

impl Templates {
    fn of(document: &utoipa::openapi::OpenApi) -> Templates {
        let each = document.paths.paths.iter().map(|(path, item)| {
            let methods = [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            let allowed: Vec<&str> =
                methods.iter().filter(|(_, has)| *has).map(|(method, _)| *method).collect();
            (actix_web::dev::ResourceDef::new(path.as_str()), allowed.join(", "))
        });
        Templates(each.collect())
    }
}

async fn unrouted(request: HttpRequest, templates: Data<Templates>) -> HttpResponse {
    let known = templates.0.iter().find(|(template, _)| template.is_match(request.path()));
    let problem = match known {
        Some((_, allowed)) => Problem::of("method_not_allowed").with(header::ALLOW, allowed.clone()),
        None => Problem::of("not_found"),
    };
    problem.error_response()
}

/// A body that is no JSON of the right shape; serde's words name the field, never a value of ours.
fn body_problem(error: &actix_web::error::JsonPayloadError) -> Problem {
    use actix_web::error::JsonPayloadError::{ContentType, Deserialize, Overflow, OverflowKnownLength};
    match error {
        Overflow { .. } | OverflowKnownLength { .. } => Problem::of("too_large"),
        ContentType => Problem::of("unsupported_media_type").saying("send application/json"),
        Deserialize(error) => Problem::of("malformed").saying(format!(
            "line {} column {}: {}",
            error.line(),
            error.column(),
            kind(error)
        )),
        _ => Problem::of("malformed"),
    }
}

/// What serde found, without the value it quotes: that may be somebody's ID number.
fn kind(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.split_once('`').and_then(|(before, rest)| Some((before, rest.split_once('`')?.0))) {
        Some((before, field)) if before.starts_with("missing field") => format!("missing field `{field}`"),
        Some((before, field)) if before.starts_with("duplicate field") => {
            format!("duplicate field `{field}`")
        }
        Some((before, _)) if before.starts_with("unknown field") => "unknown field".to_owned(),
        _ if error.is_syntax() => "not JSON".to_owned(),
        _ if error.is_eof() => "ends too early".to_owned(),
        _ => "a value of the wrong type".to_owned(),
    }
}

fn malformed(_: &actix_web::error::QueryPayloadError) -> Problem {
    Problem::of("malformed").saying("a query parameter is unknown or of the wrong type")
}

/// Wraps every request: its scope, its rate, its time limit, its log line, its count.
async fn measured(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let scope =
        RequestScope { trace_id: uuid::Uuid::now_v7().to_string(), language: language_of(request.request()) };
    scope.run(in_scope(request, next)).await
}

async fn in_scope(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let trace_id = RequestScope::current().trace_id;
    let began = Instant::now();
    let pace = Pace::begin();
    if !matches!(request.parts().1, Payload::None) {
        let body = pace.body(request.take_payload());
        request.set_payload(body);
    }
    // Before all else: what cannot be answered soon is to cost nothing.
    let places = request.app_data::<Data<UnderWay>>().cloned();
    let _place = match places {
        Some(places) => match pace.in_time(places.enter(&mut request)).await {
            Some(Ok(place)) => Some(place),
            Some(Err(Refused::Full)) => return Ok(shed(request)),
            Some(Err(Refused::Body(error))) => return Err(error),
            None => return Ok(refused(request, Problem::of("timeout"))),
        },
        None => None,
    };
    // No clone of the request may live while it is routed: actix fills its path's parts in place.
    let pattern = request.match_pattern();
    let route = format!("{} {}", known_method(request.method()), pattern.as_deref().unwrap_or("unrouted"));
    let measure = request.app_data::<Data<Measure>>().cloned();
    crash_point("after-parse");
    let mut answer = match zero_character(request.request()).or_else(|| over_rate(request.request())) {
        Some(problem) => refused(request, problem),
        None => match pace.in_time(next.call(request)).await {
            Some(answer) => answer?.map_into_boxed_body(),
            // The request is gone with its time; the dispatcher answers with the problem.
            None => return Err(Problem::of("timeout").into()),
        },
    };
    crash_point("before-answer");
    let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = answer.status().as_u16();
    tracing::info!(trace_id, route, status, took_us, "request");
    if let Some(measure) = measure {
        measure.count(&route, status, took_us);
    }
    if let Ok(value) = HeaderValue::from_str(&trace_id) {
        answer.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(answer)
}

/// The refusal of a request for which there is no place: counted, not logged.
fn shed(request: ServiceRequest) -> ServiceResponse<BoxBody> {
    if let Some(measure) = request.app_data::<Data<Measure>>() {
        measure.count("refused early", 503, 0);
    }
    refused(request, Refused::problem())
}

/// A problem in the form that the request's sender reads.
fn refused(request: ServiceRequest, problem: Problem) -> ServiceResponse<BoxBody> {
    let answer = if request.path().starts_with("/api/") {
        problem.error_response()
    } else {
        PageProblem::of(request.request(), problem).error_response()
    };
    request.into_response(answer)
}

/// No code, name or cursor holds a zero character, and PostgreSQL stores none.
fn zero_character(request: &HttpRequest) -> Option<Problem> {
    if request.path().contains('\0') || request.path().contains("%00") {
        return Some(Problem::of("not_found"));
    }
    request.query_string().contains("%00").then(|| Problem::of("malformed"))
}

/// Methods by name; others share one, so that nobody can fill the counts with made-up words.
fn known_method(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS" | "PATCH") => known,
        _ => "OTHER",
    }
}

/// A refusal when the caller has asked too often. A caller is a session, so that a school behind one address
/// is not one caller; without a session it is the address.
fn over_rate(request: &HttpRequest) -> Option<Problem> {
    let rates = request.app_data::<Data<Rates>>()?;
    let mut hasher = std::hash::DefaultHasher::new();
    match caller_of(request).or_else(|_| session_of(request)) {
        Ok(caller) => caller.session.hash(&mut hasher),
        Err(_) => request.peer_addr().map(|address| address.ip()).hash(&mut hasher),
    }
    let refused = rates.check_key(&hasher.finish()).is_err();
    refused.then(|| Problem::of("too_many").with(header::RETRY_AFTER, "1"))
}
