//! `zhaosheng call OPERATION`: every act of the API from the command line, by the name the document gives it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use serde_json::Value;

use crate::cli::answer::Stop;
use crate::cli::standard_streams::print_line;
use crate::domain::fault::Fault;
use crate::domain::percent_encoded::percent_encoded;
use crate::web::document;

/// An operation of a running service, done as the owner of a token.
#[derive(clap::Args)]
pub struct CallArgs {
    /// The operation's id in the document (`zhaosheng call --list`).
    #[arg(required_unless_present = "list")]
    operation: Option<String>,
    /// List every operation with its method, path and summary.
    #[arg(long)]
    list: bool,
    /// A parameter of the path, the query or a header: `season=2026`, `If-Match="3"`.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// The body: text, or `@FILE`, or `@-` for standard input.
    #[arg(long)]
    body: Option<String>,
    /// The kind of body, where the operation takes more than one.
    #[arg(long, value_name = "MEDIA TYPE")]
    content_type: Option<String>,
    /// Where the service listens.
    #[arg(long, env = "ZHAOSHENG_URL", default_value = "http://127.0.0.1:8080")]
    url: String,
    /// A file with the access token that `call log_in` returned; never an argument, others could read it.
    #[arg(long, env = "ZHAOSHENG_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Write the answer here instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// An operation of the document.
struct Operation {
    method: String,
    path: String,
    summary: String,
    body: Option<String>,
}

fn operations() -> BTreeMap<String, Operation> {
    let document: Value = serde_json::from_str(&document::text()).expect("our document is JSON");
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let content = operation["requestBody"]["content"].as_object();
            let kind = content.and_then(|kinds| kinds.keys().next().cloned());
            let summary = operation["summary"].as_str().unwrap_or_default().to_owned();
            let found = Operation { method: method.to_uppercase(), path: path.clone(), summary, body: kind };
            operations.insert(id.to_owned(), found);
        }
    }
    operations
}

/// Calls and prints the answer; a problem goes to standard error and ends with exit code 1, or 2 when the
/// request itself was wrong, or 3 when the service cannot be reached.
pub fn run(args: &CallArgs, json: bool) -> Result<(), Stop> {
    let operations = operations();
    if args.list {
        for (id, operation) in &operations {
            if json {
                let line = serde_json::json!({
                    "operation": id, "method": operation.method, "path": operation.path,
                    "summary": operation.summary,
                });
                print_line!("{line}");
            } else {
                print_line!("{id}  {} {}  {}", operation.method, operation.path, operation.summary);
            }
        }
        return Ok(());
    }
    let id = args.operation.as_deref().unwrap_or_default();
    let fault = |place: &str, rule: &str| Stop::BadInput(vec![Fault::at(place, rule)]);
    let operation =
        operations.get(id).ok_or_else(|| fault(id, "is no operation; see `zhaosheng call --list`"))?;
    let request = request(args, operation)?;
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let unreachable = |error: ureq::Error| Stop::Environment(format!("{}: {error}", args.url));
    let mut answer = match body(args)? {
        None => agent.run(request.body(()).map_err(|error| fault(id, &error.to_string()))?),
        Some(bytes) => {
            let kind = args.content_type.clone().or_else(|| operation.body.clone());
            let kind = kind.unwrap_or_else(|| "application/json".to_owned());
            let request = request.header("Content-Type", kind).body(bytes);
            agent.run(request.map_err(|error| fault(id, &error.to_string()))?)
        }
    }
    .map_err(unreachable)?;
    let status = answer.status().as_u16();
    let bytes = answer.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(unreachable)?;
    match status {
        200..=299 => deliver(args, &bytes),
        400 | 415 | 422 | 428 => Err(fault(id, &String::from_utf8_lossy(&bytes))),
        _ => Err(Stop::Refused(vec![String::from_utf8_lossy(&bytes).into_owned()])),
    }
}

/// The request's head: path parameters filled, the rest by their names.
fn request(args: &CallArgs, operation: &Operation) -> Result<ureq::http::request::Builder, Stop> {
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    let mut headers = Vec::new();
    for param in &args.params {
        let (name, value) = param.split_once('=').ok_or_else(|| {
            Stop::BadInput(vec![Fault::at("--param", format!("{param:?} must be NAME=VALUE"))])
        })?;
        let slot = format!("{{{name}}}");
        if path.contains(&slot) {
            path = path.replace(&slot, &percent_encoded(value));
        } else if name.starts_with(char::is_uppercase) {
            headers.push((name, value));
        } else {
            query.push(format!("{}={}", percent_encoded(name), percent_encoded(value)));
        }
    }
    if let Some((_, open)) = path.split_once('{') {
        let name = open.split('}').next().unwrap_or_default();
        return Err(Stop::BadInput(vec![Fault::at("--param", format!("{name}=... is missing"))]));
    }
    let join = if query.is_empty() { "" } else { "?" };
    let uri = format!("{}{path}{join}{}", args.url.trim_end_matches('/'), query.join("&"));
    let mut request = ureq::http::Request::builder().method(operation.method.as_str()).uri(uri);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    if let Some(file) = &args.token_file {
        let token = std::fs::read_to_string(file)
            .map_err(|error| Stop::Environment(format!("{}: {error}", file.display())))?;
        request = request.header("Authorization", format!("Bearer {}", token.trim()));
    }
    Ok(request)
}

fn body(args: &CallArgs) -> Result<Option<Vec<u8>>, Stop> {
    let Some(given) = &args.body else { return Ok(None) };
    let failed = |error: std::io::Error| Stop::Environment(format!("{given}: {error}"));
    Ok(Some(match given.strip_prefix('@') {
        None => given.clone().into_bytes(),
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
            bytes
        }
        Some(file) => std::fs::read(file).map_err(failed)?,
    }))
}

fn deliver(args: &CallArgs, bytes: &[u8]) -> Result<(), Stop> {
    match &args.out {
        Some(file) => std::fs::write(file, bytes)
            .map_err(|error| Stop::Environment(format!("{}: {error}", file.display()))),
        None => {
            print_line!("{}", String::from_utf8_lossy(bytes));
            Ok(())
        }
    }
}
