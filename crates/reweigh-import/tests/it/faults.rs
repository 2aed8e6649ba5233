//! Faults of the programs before this one, at the edge where files come in.

use std::collections::BTreeSet;

use reweigh_import::{ImportError, ImportErrorKind, Input, Reader};
use reweigh_reading::{Action, Fact, Measure, Meeting};

use crate::show::{settings, shown, whole};

/// Proves W12, H4.
#[test]
fn spellings_of_units_are_understood_or_refused_and_never_passed_as_kilograms() {
    let file = "user_id,date,weight,unit\n\
                a,2024-01-31,176.4,LBS \n\
                a,2024-01-31,176.4,[lb_av]\n\
                a,2024-01-31,176.4,pounds.\n\
                a,2024-01-31,12st 7lb,\n\
                a,2024-01-31,176.4,[lb_ap]\n\
                a,2024-01-31,176.4,stones?\n";
    let (batch, _) = whole(file, &settings()).unwrap();
    let units: Vec<&str> = batch.facts.iter().map(|fact| fact.measure().unwrap().unit().symbol()).collect();
    assert_eq!(units, ["lb", "lb", "lb", "lb"]);
    let codes: Vec<&str> = batch.rejects.iter().map(|reject| reject.refusal.code()).collect();
    assert_eq!(codes, ["unit_dangerous", "unit_unknown"]);
}

/// Proves W14.
#[test]
fn the_same_row_two_hundred_times_is_one_reading() {
    let file = format!("user_id,timestamp,weight,note\n{}", "a,2024-01-31T07:00:00Z,80.5,x\n".repeat(200))
        + "a,1706684400,80.50 kg,other spelling\na,2024-01-31 08:00+01:00,0080.5,y\n";
    let (batch, tally) = whole(&file, &settings()).unwrap();
    assert_eq!(tally.facts, 202);
    assert!(batch.facts.iter().all(|fact| fact.meet(&batch.facts[0]) == Meeting::Duplicate));
}

/// Proves W15.
#[test]
fn an_old_reading_is_read_like_any_other() {
    let file = "user_id,date,weight\na,2024-01-31,80.5\na,2023-01-31,85\na,1985-01-31,60\n";
    let (batch, _) = whole(file, &settings()).unwrap();
    let years: Vec<String> = batch.facts.iter().map(|fact| fact.at().to_string()[..4].to_owned()).collect();
    assert_eq!(years, ["2024", "2023", "1985"]);
}

/// Proves W16.
#[test]
fn a_reading_from_the_future_is_refused_with_its_line() {
    let file = "user_id,date,weight\na,2024-01-31,80.5\na,2099-01-01,81\na,2205-01-01,81\n";
    insta::assert_snapshot!(shown(file, &settings()), @r#"
    a 2024-01-31T00:00:00Z unknown made-43bd8fe r0 add 80.5 kg
    line 3: instant_in_the_future: date 2099-01-01T00:00:00Z is in the future; the latest that is taken is 2025-01-02T00:00:00Z "a,2099-01-01,81"
    line 4: instant_out_of_range: the date is not within 1900-01-01 to 2200-01-01 "a,2205-01-01,81"
    note: dates without a time, taken as midnight in the zone: 1
    "#);
}

/// Proves W17, W23.
#[test]
fn one_time_with_a_zone_among_others_is_just_that() {
    let mut settings = settings();
    settings.zone = "America/New_York".parse().unwrap();
    let file = "user_id,date,weight\na,2024-01-31 07:00:00,80\na,2024-01-31T12:00:01Z,81\na,2024-02-01,82\n";
    insta::assert_snapshot!(shown(file, &settings), @r"
    a 2024-01-31T12:00:00Z unknown made-5dd026a r0 add 80 kg
    a 2024-01-31T12:00:01Z unknown made-5ac434c r0 add 81 kg
    a 2024-02-01T05:00:00Z unknown made-f77d0ac r0 add 82 kg
    note: times without a zone, taken in the given one: 1
    note: dates without a time, taken as midnight in the zone: 1
    ");
}

/// Proves W18.
#[test]
fn what_is_no_number_is_refused() {
    let file = "user_id,date,weight\n\
                a,2024-01-31,NaN\na,2024-01-31,inf\na,2024-01-31,-80\na,2024-01-31,0\na,2024-01-31,1e3\n\
                a,2024-01-31,8O\na,2024-01-31,\"80,5\"\na,2024-01-31,1e999\na,2024-01-31,\na,2024-01-31,80\n";
    let (batch, _) = whole(file, &settings()).unwrap();
    let codes: Vec<&str> = batch.rejects.iter().map(|reject| reject.refusal.code()).collect();
    insta::assert_snapshot!(codes.join(" "), @"weight_not_finite weight_not_finite weight_not_positive weight_not_positive weight_out_of_range unit_unknown weight_not_a_number weight_not_finite weight_missing");
    assert_eq!(batch.facts.len(), 1);
}

/// Proves W23.
#[test]
fn a_malformed_row_costs_itself_and_nothing_else() {
    let large = "x".repeat(128 * 1024);
    let mut file = b"user_id,date,weight,note\n\
        a,2024-01-01,80,short\n\
        a,2024-01-02,80\n\
        a,2024-01-03,80,x,extra\n\
        a,2024-01-04,80,x,,\n\
        a,2024-01-05,80,\"open\n\
        a,2024-01-06,80,\"fine \"\"quoted\"\" one\"\n\
        a,2024-01-07,80,\"over\nlines, really\"\n\
        a,2024-01-09,80,\"closed\"too early\n\
        a,2024-01-10,80,5'11\" tall\n\
        M\xfcller,2024-01-11,80,latin\n\
        ,,,\n\
        user_id,date,weight,note\n\
        \n\
        a\0b,2024-01-12,80,nul\n\
        a,2024-01-13,80,"
        .to_vec();
    file.extend_from_slice(large.as_bytes());
    file.extend_from_slice(b"\na,2024-01-14,80,\"");
    file.extend_from_slice(large.as_bytes());
    file.extend_from_slice(b"\"\na,2024-01-15,80,last\r\n\"a,2024-01-16,80,open at the end");
    insta::assert_snapshot!(shown(file, &settings()), @r#"
    a 2024-01-01T00:00:00Z unknown made-97d4d09 r0 add 80 kg
    a 2024-01-04T00:00:00Z unknown made-b558e0a r0 add 80 kg
    a 2024-01-06T00:00:00Z unknown made-cfa92f8 r0 add 80 kg
    a 2024-01-07T00:00:00Z unknown made-3d4b07f r0 add 80 kg
    a 2024-01-10T00:00:00Z unknown made-4e07b1e r0 add 80 kg
    Müller 2024-01-11T00:00:00Z unknown made-32aa475 r0 add 80 kg
    a 2024-01-15T00:00:00Z unknown made-7664d84 r0 add 80 kg
    line 3: row_short: the row has 3 fields and the header 4; it may have been cut off "a,2024-01-02,80"
    line 4: row_long: the row has 5 fields and the header 4; a field with a delimiter in it needs quotes "a,2024-01-03,80,x,extra"
    line 6: row_quote_open: a quote is opened and not closed at the end of its field "a,2024-01-05,80,\"open"
    line 10: row_quote_open: a quote is opened and not closed at the end of its field "a,2024-01-09,80,\"closed\"too early"
    line 16: user_control_character: user id `a\0b` holds the control character U+0000; remove it "a\0b,2024-01-12,80,nul"
    line 17: row_too_large: the row has more than 65536 bytes "a,2024-01-13,80,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    line 18: row_too_large: the row has more than 65536 bytes "a,2024-01-14,80,\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    line 20: row_quote_open: a quote is opened and not closed at the end of its field "\"a,2024-01-16,80,open at the end"
    skipped 2 blank
    skipped 1 header_again
    note: dates without a time, taken as midnight in the zone: 7
    note: rows that are not UTF-8, read as Latin-1: 1, the first on line 12
    "#);
}

/// Proves W23.
#[test]
fn a_malformed_line_of_json_costs_itself_and_nothing_else() {
    let row = "{\"user_id\":\"a\",\"date\":\"2024-01-31\",\"weight\":80}";
    let large = row.replace("80", &format!("80,\"note\":\"{}\"", "x".repeat(128 * 1024)));
    for file in [
        [row, &large, row, "{", row, "\"", row, "}", row, row].join("\n"),
        format!("[{}]", [row, &large, row, row, row, row].join(",\n")),
    ] {
        let (batch, _) = whole(&file, &settings()).unwrap();
        assert!(batch.rejects.iter().any(|reject| reject.refusal.code() == "row_too_large"));
        assert_eq!(batch.facts.len(), file.matches(row).count());
    }
}

/// Proves W23.
#[test]
fn old_line_ends_and_marks_are_understood() {
    let rows = "user_id,date,weight\na,2024-01-31,80\na,2024-02-01,81\n";
    let plain = whole(rows, &settings()).unwrap();
    for file in [
        rows.replace('\n', "\r\n"),
        rows.replace('\n', "\r"),
        rows.trim_end().to_owned(),
        format!("\u{feff}{rows}"),
        format!("\n\r\n{rows}\n\n"),
    ] {
        assert_eq!(whole(&file, &settings()).unwrap().0, plain.0, "{file:?}");
    }
}

/// Proves W24.
#[test]
fn a_file_without_anything_usable_is_an_error() {
    let check = |file: &[u8], code: &str| {
        let error = whole(file, &settings()).unwrap_err();
        assert_eq!((error.code(), error.kind()), (code, ImportErrorKind::Unusable), "{error}");
    };
    check(b"", "file_empty");
    check(b"\xef\xbb\xbf", "file_empty");
    check(b" \n\n", "file_empty");
    check(b"user_id,date,weight\n", "file_empty");
    check(b"user_id,date,weight\n\n,,\n", "file_nothing_usable");
    check(b"a,2024-01-31,80\na,2024-02-01,81\n", "file_no_column");
    check(b"user_id,date,weight\na,2024-02-30,80\n", "file_nothing_usable");
    check(b"[]", "file_empty");
    check(b"{\"resourceType\":\"Bundle\"}", "file_nothing_usable");
    check(b"\xff\xfeu\0s\0e\0r\0", "file_wide_text");
    check(b"u\0s\0e\0r\0,\0d\0a\0t\0e\0", "file_wide_text");
    let error = whole("user_id,date,weight\na,2024-02-30,80\n,,\n", &settings()).unwrap_err();
    insta::assert_snapshot!(error, @"nothing in it is usable: 1 rows refused, 1 skipped; the first because date `2024-02-30` does not exist");
    assert!(matches!(error, ImportError::NothingUsable { .. }));
    // A mark before good rows is no reason to see none.
    assert_eq!(whole("\u{feff}user_id,date,weight\na,2024-01-31,80\n", &settings()).unwrap().1.facts, 1);
}

/// Proves W25.
#[test]
fn a_bad_date_is_refused_and_never_now() {
    let file = "user_id,date,weight\n\
                a,yesterday,80\na,,80\na,2024-02-30,80\na,03/04/2024,80\na,20240131,80\na,45322,80\na,2024-01-31,80\n";
    let (batch, _) = whole(file, &settings()).unwrap();
    let codes: Vec<&str> = batch.rejects.iter().map(|reject| reject.refusal.code()).collect();
    insta::assert_snapshot!(codes.join(" "), @"instant_unreadable instant_missing instant_no_such_date instant_ambiguous instant_unix_digits instant_unix_digits");
    assert_eq!(batch.facts.len(), 1);
}

/// Proves W26, I3.
#[test]
fn rows_of_every_source_are_counted() {
    let sources = ["patient-device", "questionnaire", "internal", "", "ünï 🦀", "a,b", "\"q\""];
    let mut rows = vec!["user_id,date,weight,source".to_owned()];
    rows.extend(sources.iter().map(|source| format!("a,2024-01-31,80,\"{}\"", source.replace('"', "\"\""))));
    rows.push(format!("a,2024-01-31,80,{}", "x".repeat(65)));
    let file = rows.join("\n");
    let (batch, tally) = whole(&file, &settings()).unwrap();
    let met: BTreeSet<&str> = batch.facts.iter().map(|fact| fact.source().as_str()).collect();
    assert_eq!(met.len(), sources.len());
    assert_eq!((tally.rows, tally.facts, tally.rejected), (8, 7, 1));
    assert_eq!(batch.rejects[0].refusal.code(), "source_too_long");
}

#[test]
fn many_users_keep_their_names() {
    let rows: Vec<String> =
        (0..6_000).map(|row| format!("user-{},2024-01-31,80,s{}", row % 2_500, row % 3)).collect();
    let file = format!("user,date,weight,source\n{}", rows.join("\n"));
    let (batch, _) = whole(&file, &settings()).unwrap();
    for (row, fact) in batch.facts.iter().enumerate() {
        assert_eq!(fact.user().as_str(), format!("user-{}", row % 2_500));
        assert_eq!(fact.source().as_str(), format!("s{}", row % 3));
    }
}

#[test]
fn a_reader_goes_to_another_thread() {
    let file = std::io::Cursor::new("user,date,weight\na,2024-01-31,80\n");
    let mut reader = Reader::open(Input::file(file), &settings()).unwrap();
    let facts = std::thread::spawn(move || reader.next_batch(10).unwrap().unwrap().facts.len());
    assert_eq!(facts.join().unwrap(), 1);
}

/// Proves W11.
#[test]
fn a_value_is_never_changed_because_it_looks_like_something_else() {
    let file = "user_id,date,weight,unit\na,2024-01-31,29,kg\na,2024-02-01,176.4,kg\n";
    let (batch, _) = whole(file, &settings()).unwrap();
    let values: Vec<f64> = batch.facts.iter().filter_map(Fact::measure).map(Measure::value).collect();
    assert_eq!(values, [29.0, 176.4]);
    assert!(batch.facts.iter().all(|fact| matches!(fact.action(), Action::Add(_))));
}
