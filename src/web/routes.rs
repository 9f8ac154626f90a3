//! Every route of the service, each once.

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::web::api::{audit_lines, candidates, extensions, imports, operation, seasons, windows};

/// Registers every route; the document is collected from here, and so is the access matrix of the tests.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(operation::alive).service(operation::ready).service(operation::version).service(
        scope::scope("/api/v1")
            .service(audit_lines::list)
            .service(candidates::list)
            .service(candidates::readers)
            .service(candidates::show)
            .service(extensions::approve)
            .service(extensions::propose)
            .service(imports::commit)
            .service(imports::download)
            .service(imports::list)
            .service(imports::remove)
            .service(imports::show)
            .service(imports::upload)
            .service(seasons::advance)
            .service(seasons::create)
            .service(seasons::list)
            .service(seasons::replace_policy)
            .service(seasons::set_clock)
            .service(seasons::show)
            .service(windows::list)
            .service(windows::set),
    );
}
