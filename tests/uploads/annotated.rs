//! The sender's own workbook back.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::files::annotated_workbook::{FAULTS, NOTE, annotated};
use zhaosheng::files::sheet_check::check_sheet;
use zhaosheng::words::rules::in_chinese;

use crate::roster::{HEADER, context, plant, policy, roster};
use crate::{rosters, sent};

#[test]
fn every_row_comes_back_as_it_was_sent_and_each_faulty_one_says_so() {
    let mut rows = roster(100);
    let planted = plant(&mut rows);
    for (file, bytes) in rosters(&rows) {
        let sheet = sent(file, bytes, SheetKind::Candidates);
        let check = check_sheet(SheetKind::Candidates, sheet.clone(), &policy(), context());
        let bytes = annotated(&sheet, &check.faults).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let note = book.worksheet_range(NOTE).unwrap();
        assert_eq!(note.get_value((1, 1)), Some(&Data::String(planted.len().to_string())));
        let page = book.worksheet_range("数据").unwrap();
        assert_eq!(page.get_value((0, 14)), Some(&Data::String(FAULTS.to_owned())));
        if !file.ends_with("DBF") {
            assert_eq!(page.get_value((0, 3)), Some(&Data::String(HEADER[3].to_owned())));
        }
        for (at, row) in rows.iter().enumerate() {
            let number = at as u64 + 2;
            let line = at as u32 + 1;
            for (column, cell) in row.iter().enumerate() {
                // Never a formula, never a number: `=1+1` and ID numbers come back as the texts they were.
                let back = page.get_value((line, column as u32)).cloned().unwrap_or(Data::Empty);
                let wanted = if cell.is_empty() { Data::Empty } else { Data::String(cell.clone()) };
                assert_eq!(back, wanted, "{file} row {number}");
            }
            let told = page.get_value((line, 14)).map(ToString::to_string).unwrap_or_default();
            match planted.iter().find(|(row, ..)| *row == number) {
                // An office's own paper: what is wrong stands in it in Chinese.
                Some((_, column, _)) => {
                    let fault = check.faults.iter().find(|fault| fault.row == Some(number)).unwrap();
                    let rule = in_chinese(&fault.rule).unwrap();
                    assert!(told.contains(column) && told.contains(&rule), "{told}");
                }
                None => assert_eq!(told, "", "{file} row {number}"),
            }
        }
        assert!(book.worksheet_formula("数据").unwrap().is_empty());
    }
}

#[test]
fn a_cell_that_could_not_be_read_is_told_too() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    for (column, name) in (0..).zip(["考号", "身份证号", "毕业学校代码", "区域代码", "民族"])
    {
        page.write_string(0, column, name).unwrap();
    }
    for row in 1..=3 {
        page.write_string(row, 0, format!("26{row}")).unwrap();
        page.write_number(row, 1, 1.10105194912310e17).unwrap();
        page.write_string(row, 2, "J1").unwrap();
        page.write_string(row, 3, "A1").unwrap();
        page.write_formula(row, 4, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    }
    let sheet = sent("x.xlsx", book.save_to_buffer().unwrap(), SheetKind::Candidates);
    let check = check_sheet(SheetKind::Candidates, sheet.clone(), &policy(), context());
    // All three, and only once each; a column that nobody asked for may hold what it likes.
    let told: Vec<String> = check.faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told.iter().all(|fault| fault.contains("column id_no") && fault.contains("stored as a number")));
    let bytes = annotated(&sheet, &check.faults).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let page = book.worksheet_range("数据").unwrap();
    assert!(page.get_value((3, 5)).unwrap().to_string().contains("末几位已丢失"));
}
