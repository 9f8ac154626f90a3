//! `zhaosheng key`: what a holder of a part of a result's key does, on a machine of her own and off line.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use crate::cli::answer::Stop;
use crate::cli::standard_streams::print_line;
use crate::domain::fault::Fault;
use crate::service::secrets::result_key::{KeyPart, holder_keys};

/// Makes a holder's keys, and opens the part of a result's key that was sealed to her.
#[derive(clap::Args)]
pub struct KeyArgs {
    #[command(subcommand)]
    act: KeyAct,
}

#[derive(clap::Subcommand)]
enum KeyAct {
    /// Make a pair of keys: the secret one goes into FILE, the public one is printed for the season's centre.
    New { file: PathBuf },
    /// Open a sealed part with the secret key; what is printed opens the result together with another's.
    Open {
        /// The file of the secret key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The sealed part, as the service shows it.
        sealed: String,
    },
}

/// Does it.
pub fn run(args: &KeyArgs, json: bool) -> Result<(), Stop> {
    let tell = |name: &str, value: &str| {
        if json {
            print_line!("{}", serde_json::json!({ name: value }));
        } else {
            print_line!("{value}");
        }
    };
    match &args.act {
        KeyAct::New { file } => {
            let (secret, public) = holder_keys();
            let broken = |error: std::io::Error| Stop::Environment(format!("{}: {error}", file.display()));
            let mut options = OpenOptions::new();
            // A key that is there is never replaced.
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut out = options.open(file).map_err(broken)?;
            out.write_all(format!("{secret}\n").as_bytes()).and_then(|()| out.sync_all()).map_err(broken)?;
            tell("recipient", &public);
        }
        KeyAct::Open { key, sealed } => {
            let secret = std::fs::read_to_string(key)
                .map_err(|error| Stop::Environment(format!("{}: {error}", key.display())))?;
            let part = KeyPart::open(sealed, &secret).map_err(|_| {
                let rule = "does not open with this key: it is another holder's, or was altered";
                Stop::BadInput(vec![Fault::at("sealed", rule)])
            })?;
            tell("part", &part.expose());
        }
    }
    Ok(())
}
