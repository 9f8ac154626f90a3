//! `zhaosheng export FOLDER --out DIR`: the sheets of a season folder as CSV in another encoding.

use std::path::PathBuf;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::files::encoding::Encoding;
use crate::service::export_folder::export_folder;

/// A season folder, and where its sheets go.
#[derive(clap::Args)]
pub struct ExportArgs {
    /// The season folder (CSV, xlsx or DBF).
    folder: PathBuf,
    /// Where to write.
    #[arg(long)]
    out: PathBuf,
    /// How to write texts; spreadsheet programs open utf-8-bom and gb18030 by a double click.
    #[arg(long, value_enum, default_value = "utf-8")]
    encoding: EncodingWord,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum EncodingWord {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "utf-8-bom")]
    Utf8Bom,
    Gb18030,
    Gbk,
}

/// Checks and writes the sheets.
pub fn run(args: &ExportArgs, json: bool) -> Result<(), Stop> {
    let encoding = match args.encoding {
        EncodingWord::Utf8 => Encoding::Utf8,
        EncodingWord::Utf8Bom => Encoding::Utf8Bom,
        EncodingWord::Gb18030 => Encoding::Gb18030,
        EncodingWord::Gbk => Encoding::Gbk,
    };
    let sheets = export_folder(&args.folder, &args.out, encoding).map_err(stop)?;
    if json {
        println!("{}", serde_json::json!({ "sheets": sheets, "out": args.out.display().to_string() }));
    } else {
        println!("{sheets} sheets written to {}", args.out.display());
    }
    Ok(())
}
