//! `zhaosheng export`: the sheets of a season folder, or of a season in a database, in another form or encoding.

use std::path::PathBuf;

use crate::cli::admit::stop;
use crate::cli::answer::Stop;
use crate::cli::database::{DatabaseArgs, blocked};
use crate::cli::import::folder_stop;
use crate::cli::standard_streams::print_line;
use crate::domain::fault::Fault;
use crate::files::encoding::Encoding;
use crate::service::data_in::import_folder::export_season;
use crate::service::export_folder::{Form, export_folder};

/// A season folder or a season of a database, and where its sheets go.
#[derive(clap::Args)]
pub struct ExportArgs {
    /// The season folder (CSV, xlsx or DBF); with `--season`, where to write.
    folder: PathBuf,
    /// Where to write.
    #[arg(long, required_unless_present = "season", conflicts_with = "season")]
    out: Option<PathBuf>,
    /// Write this season of the database into FOLDER.
    #[arg(long, value_name = "CODE")]
    season: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
    /// What files to write; a DBF gets a profile.toml beside it that reads its short column names.
    #[arg(long, value_enum, default_value = "csv")]
    format: FormatWord,
    /// How to write texts (csv: utf-8 unless told, dbf: gbk or gb18030); spreadsheet programs open
    /// utf-8-bom and gb18030 by a double click. A workbook has an encoding of its own.
    #[arg(long, value_enum)]
    encoding: Option<EncodingWord>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum FormatWord {
    Csv,
    Xlsx,
    Dbf,
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
    let form = match (args.format, args.encoding) {
        (FormatWord::Csv, None | Some(EncodingWord::Utf8)) => Form::Csv(Encoding::Utf8),
        (FormatWord::Csv, Some(EncodingWord::Utf8Bom)) => Form::Csv(Encoding::Utf8Bom),
        (FormatWord::Csv, Some(EncodingWord::Gb18030)) => Form::Csv(Encoding::Gb18030),
        (FormatWord::Csv, Some(EncodingWord::Gbk)) => Form::Csv(Encoding::Gbk),
        (FormatWord::Dbf, None | Some(EncodingWord::Gbk)) => Form::Dbf { all_characters: false },
        (FormatWord::Dbf, Some(EncodingWord::Gb18030)) => Form::Dbf { all_characters: true },
        (FormatWord::Xlsx, None) => Form::Xlsx,
        (FormatWord::Dbf | FormatWord::Xlsx, Some(_)) => {
            let rule = "does not fit the format: dbf takes gbk or gb18030, xlsx none";
            return Err(Stop::BadInput(vec![Fault::at("--encoding", rule)]));
        }
    };
    let (sheets, out) = match (&args.season, &args.out) {
        (Some(season), _) => {
            let app = args.database.app()?;
            let written = blocked(export_season(&app, season, &args.folder, form))?;
            (written.map_err(folder_stop)?, &args.folder)
        }
        (None, out) => {
            let out = out.as_ref().expect("clap asks for --out without --season");
            (export_folder(&args.folder, out, form).map_err(stop)?, out)
        }
    };
    if json {
        print_line!("{}", serde_json::json!({ "sheets": sheets, "out": out.display().to_string() }));
    } else {
        print_line!("{sheets} sheets written to {}", out.display());
    }
    Ok(())
}
