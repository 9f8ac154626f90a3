//! `zhaosheng user`: accounts from the machine itself; the first of the municipal centre comes from here.

use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::standard_streams::print_line;
use crate::service::accounts::create_account::NewAccount;
use crate::service::accounts::create_system_token::NewToken;
use crate::service::accounts::operate_accounts;
use crate::service::app::App;
use crate::service::error::ServiceError;

/// Makes, resets, disables and lists accounts; every act is on the record as the operator's.
#[derive(clap::Args)]
pub struct UserArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    act: UserAct,
}

#[derive(clap::Subcommand)]
enum UserAct {
    /// Add an account and print its one-time initial code.
    Add {
        login: String,
        /// municipal_centre, county_bureau, junior_high, senior_high or supervisor.
        #[arg(long)]
        role: String,
        /// The office's or person's name, as it is shown.
        #[arg(long)]
        name: String,
        #[arg(long)]
        school: Option<String>,
        #[arg(long)]
        area: Option<String>,
    },
    /// Give an account a new one-time code; all else it had is void.
    Reset {
        login: String,
        #[arg(long)]
        reason: String,
    },
    /// Disable an account; its sessions end at once.
    Disable {
        login: String,
        #[arg(long)]
        reason: String,
    },
    /// List the accounts of offices and systems.
    List,
    /// Make a token for another system and print it.
    Token {
        /// Which system gets it.
        label: String,
        /// Operations it is limited to.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
        #[arg(long, default_value = "90")]
        days: i64,
    },
}

/// Does the act and prints what must be told once.
pub fn run(args: UserArgs, json: bool) -> Result<(), Stop> {
    let app = args.database.app()?;
    Ok(blocked(act(&app, args.act, json))??)
}

async fn act(app: &App, act: UserAct, json: bool) -> Result<(), ServiceError> {
    let tell = |name: &str, value: String| {
        if json {
            print_line!("{}", serde_json::json!({ name: value }));
        } else {
            print_line!("{value}");
        }
    };
    match act {
        UserAct::Add { login, role, name, school, area } => {
            let new = NewAccount { login, name, role, school, area };
            tell("initial_code", operate_accounts::add(app, new).await?);
        }
        UserAct::Reset { login, reason } => {
            tell("initial_code", operate_accounts::reset(app, login, reason).await?);
        }
        UserAct::Disable { login, reason } => operate_accounts::disable(app, login, reason).await?,
        UserAct::List => {
            for account in operate_accounts::list(app).await? {
                let state = if account.disabled { "disabled" } else { "open" };
                if json {
                    let line = serde_json::json!({
                        "login": account.login, "role": account.role, "name": account.name, "state": state,
                    });
                    print_line!("{line}");
                } else {
                    print_line!("{}  {}  {}  {state}", account.login, account.role, account.name);
                }
            }
        }
        UserAct::Token { label, scopes, days } => {
            tell("token", operate_accounts::token(app, NewToken { label, scopes, days }).await?);
        }
    }
    Ok(())
}
