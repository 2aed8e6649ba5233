//! Tables of every shape.

use reweigh_import::{ColumnMap, Delimiter, Settings};
use reweigh_reading::DecimalMark;

use crate::show::{settings, shown, whole};

fn with(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = settings();
    change(&mut settings);
    settings
}

/// Proves F8.
#[test]
fn columns_of_any_order_and_any_case_are_understood() {
    let file = "UNIT,Weight,note,EffectiveDateTime,User_ID,source_type,msg_id\n\
                lb,176.4,\"a, b\",2024-01-31T07:15:00Z,anna,scale,m1\n\
                kg,80.1,,2024-02-01 07:15:00,ben,,\n";
    insta::assert_snapshot!(shown(file, &settings()), @r"
    anna 2024-01-31T07:15:00Z scale m1 r0 add 176.4 lb
    ben 2024-02-01T07:15:00Z unknown made-a1df7fc r0 add 80.1 kg
    note: times without a zone, taken in the given one: 1
    ");
}

#[test]
fn delimiters_are_told_by_the_header_or_the_caller() {
    for (delimiter, name) in [(',', ","), (';', ";"), ('\t', "tab"), ('|', "|")] {
        let file = "user_id,date,weight,unit\nanna,2024-01-31,80.5,kg\n".replace(',', &delimiter.to_string());
        let (batch, tally) = whole(&file, &settings()).unwrap();
        assert_eq!((batch.facts.len(), tally.dates_alone), (1, 1), "{delimiter:?}");
        let given = with(|settings| settings.delimiter = Some(name.parse::<Delimiter>().unwrap()));
        assert_eq!(whole(&file, &given).unwrap().0, batch);
    }
    let file = "sep=;\r\nuser_id;date;weight\r\nanna;2024-01-31;80,5\r\n";
    let comma = with(|settings| settings.decimal = DecimalMark::Comma);
    assert_eq!(whole(file, &comma).unwrap().0.facts.len(), 1);
    assert!("x".parse::<Delimiter>().is_err());
}

#[test]
fn two_columns_that_fit_are_named_both() {
    let file = "user_id,date,timestamp,weight\nanna,2024-01-31,2024-01-31T07:15:00Z,80.5\n";
    insta::assert_snapshot!(
        shown(file, &settings()),
        @"file_two_columns: columns `date` and `timestamp` both fit at; say which with --map at=COLUMN"
    );
    let mapped = with(|settings| settings.columns = ColumnMap::none().with("at=timestamp").unwrap());
    insta::assert_snapshot!(shown(file, &mapped), @"anna 2024-01-31T07:15:00Z unknown made-b523ede r0 add 80.5 kg");
}

#[test]
fn columns_that_are_missing_are_named() {
    insta::assert_snapshot!(
        shown("who,when,kilos\nanna,2024-01-31,80.5\n", &settings()),
        @"file_no_column: no column fits weight in the first line `who,when,kilos`; name it with --map weight=COLUMN"
    );
    insta::assert_snapshot!(
        shown("user,when,weight\nanna,2024-01-31,80.5\n", &settings()),
        @"file_no_column: no column fits at in the first line `user,when,weight`; name it with --map at=COLUMN"
    );
    insta::assert_snapshot!(
        shown("date,weight\n2024-01-31,80.5\n", &settings()),
        @"file_needs_user: the file does not say whose readings it holds; name the user with --user NAME"
    );
    let mapped = with(|settings| settings.columns = ColumnMap::none().with("at=day").unwrap());
    insta::assert_snapshot!(
        shown("user,date,weight\nanna,2024-01-31,80.5\n", &mapped),
        @"file_no_such_column: there is no column `day` for at; --map needs a name from the first line"
    );
}

#[test]
fn a_fixed_user_stands_in_where_a_row_names_none() {
    let settings = with(|settings| settings.user = Some("clara".parse().unwrap()));
    let file = "user_id,date,weight\nanna,2024-01-31,80.5\n,2024-02-01,81\n";
    insta::assert_snapshot!(shown(file, &settings), @r"
    anna 2024-01-31T00:00:00Z unknown made-de66041 r0 add 80.5 kg
    clara 2024-02-01T00:00:00Z unknown made-fc65d48 r0 add 81 kg
    note: dates without a time, taken as midnight in the zone: 2
    ");
    assert_eq!(whole("date,weight\n2024-01-31,80.5\n", &settings).unwrap().0.facts.len(), 1);
}

/// Proves W12, H4.
#[test]
fn units_come_from_the_row_the_header_or_the_settings() {
    let file = "user_id,date,Weight (lb),unit\n\
                anna,2024-01-31,176.4,\n\
                anna,2024-02-01,176.4,LBS \n\
                anna,2024-02-02,80,kg\n\
                anna,2024-02-03,80 kg,\n\
                anna,2024-02-04,176,[lb_ap]\n\
                anna,2024-02-05,176,oz\n";
    insta::assert_snapshot!(shown(file, &settings()), @r#"
    anna 2024-01-31T00:00:00Z unknown made-2c2f31e r0 add 176.4 lb
    anna 2024-02-01T00:00:00Z unknown made-94d5b96 r0 add 176.4 lb
    line 4: unit_against_header: the row says kg and the header says lb "anna,2024-02-02,80,kg"
    line 5: unit_clash: weight `80 kg` names another unit than its row, which says lb "anna,2024-02-03,80 kg,"
    line 6: unit_dangerous: unit `[lb_ap]` is a pound of 373 g, which exports write for the ordinary pound; known are kg, g, lb, st; add an alias that says which it is "anna,2024-02-04,176,[lb_ap]"
    line 7: unit_unknown: unit `oz` is unknown; known are kg, g, lb, st and their usual spellings; add an alias if it is one of them "anna,2024-02-05,176,oz"
    note: dates without a time, taken as midnight in the zone: 2
    "#);
    let none = with(|settings| settings.unit = None);
    insta::assert_snapshot!(shown("user_id,date,weight\na,2024-01-31,80\na,2024-01-31,80 kg\n", &none), @r#"
    a 2024-01-31T00:00:00Z unknown made-655d18e r0 add 80 kg
    line 2: unit_missing: the unit is missing; known are kg, g, lb, st "a,2024-01-31,80"
    note: dates without a time, taken as midnight in the zone: 1
    "#);
}

#[test]
fn every_action_is_read() {
    let file = "user_id,at,source,id,revision,action,value,unit,reason\n\
                anna,2024-01-31T07:00:00Z,scale,m1,,,80.5,kg,\n\
                anna,2024-01-31T07:00:00Z,scale,m1,1,Amend,80.6,kg,\n\
                anna,2024-01-31T07:00:00Z,scale,m1,2,retract,,,\n\
                anna,2024-01-31T07:00:00Z,scale,,,retract,,,\n\
                anna,2024-01-31T07:00:00Z,scale,,,amend,80.6,kg,\n\
                anna,2024-02-01T07:00:00Z,operator,,,reset,,,new scale\n\
                anna,2024-02-01T07:00:00Z,operator,,,reset,,,\n\
                anna,2024-02-01T07:00:00Z,,,,height,180,cm,\n\
                anna,2024-02-01T07:00:00Z,,,,height,180,kg,\n\
                anna,2024-02-01T07:00:00Z,,,,height,5'11\",,\n\
                anna,2024-02-01T07:00:00Z,,,,delete,80,kg,\n\
                anna,2024-02-01T07:00:00Z,,m1,-1,,80,kg,\n";
    insta::assert_snapshot!(shown(file, &settings()), @r#"
    anna 2024-01-31T07:00:00Z scale m1 r0 add 80.5 kg
    anna 2024-01-31T07:00:00Z scale m1 r1 amend 80.6 kg
    anna 2024-01-31T07:00:00Z scale m1 r2 retract
    anna 2024-02-01T07:00:00Z operator made-e8ec289 r0 reset new scale
    anna 2024-02-01T07:00:00Z unknown made-c4c5895 r0 height 1.8 m
    anna 2024-02-01T07:00:00Z unknown made-a16cf69 r0 height 1.8034 m
    line 5: id_missing: reading id is missing; give 1 to 128 bytes "anna,2024-01-31T07:00:00Z,scale,,,retract,,,"
    line 6: id_missing: reading id is missing; give 1 to 128 bytes "anna,2024-01-31T07:00:00Z,scale,,,amend,80.6,kg,"
    line 8: reason_missing: reset reason is missing; give 1 to 256 bytes "anna,2024-02-01T07:00:00Z,operator,,,reset,,,"
    line 10: height_unit_unknown: height unit `kg` is unknown; known are m, cm, ft, in "anna,2024-02-01T07:00:00Z,,,,height,180,kg,"
    line 12: action_unknown: action `delete` is unknown; known are add, amend, retract, reset, height "anna,2024-02-01T07:00:00Z,,,,delete,80,kg,"
    line 13: revision_unreadable: revision `-1` is not a whole number from 0 to 4294967295 "anna,2024-02-01T07:00:00Z,,m1,-1,,80,kg,"
    "#);
}

#[test]
fn heights_hold_from_the_beginning_unless_they_say_when() {
    let file =
        "user_id,height,unit,at,id\nanna,180,cm,,\nben,5'11\",,2024-01-31,h1\nclara,180,,,\ndora,1.8 m,,,\n";
    let heights = with(|settings| settings.content = reweigh_import::Content::Heights);
    insta::assert_snapshot!(shown(file, &heights), @r#"
    anna 1900-01-01T00:00:00Z unknown made-452984e r0 height 1.8 m
    ben 2024-01-31T00:00:00Z unknown h1 r0 height 1.8034 m
    dora 1900-01-01T00:00:00Z unknown made-9740e34 r0 height 1.8 m
    line 4: height_unit_missing: the height has no unit; known are m, cm, ft, in "clara,180,,,"
    note: dates without a time, taken as midnight in the zone: 1
    "#);
    insta::assert_snapshot!(shown("user_id,height_m\nanna,1.8\n", &settings()), @"anna 1900-01-01T00:00:00Z unknown made-452984e r0 height 1.8 m");
    let readings = "user_id,date,weight\nanna,2024-01-31,80\n";
    insta::assert_snapshot!(shown(readings, &heights), @"file_no_column: no column fits height in the first line `user_id,date,weight`; name it with --map height=COLUMN");
}

#[test]
fn a_row_was_received_when_it_says_but_never_after_its_file() {
    let file = "user_id,date,weight,received_at\n\
                anna,2024-01-31,80,2024-01-31T07:00:00Z\n\
                anna,2024-02-05,80,2024-01-31T07:00:00Z\n\
                anna,2099-01-01,80,2099-01-02T00:00:00Z\n\
                anna,2024-01-31,80,soon\n";
    insta::assert_snapshot!(shown(file, &settings()), @r#"
    anna 2024-01-31T00:00:00Z unknown made-06df599 r0 add 80 kg
    line 3: instant_in_the_future: date 2024-02-05T00:00:00Z is in the future; the latest that is taken is 2024-02-01T07:00:00Z "anna,2024-02-05,80,2024-01-31T07:00:00Z"
    line 4: instant_in_the_future: date 2099-01-01T00:00:00Z is in the future; the latest that is taken is 2025-01-02T00:00:00Z "anna,2099-01-01,80,2099-01-02T00:00:00Z"
    line 5: received_unreadable: of the time of receipt: date `soon` is not understood; write 2024-01-31T07:15:00Z or 2024-01-31 07:15:00, or give the date format "anna,2024-01-31,80,soon"
    note: dates without a time, taken as midnight in the zone: 1
    "#);
}

#[test]
fn objects_in_lines_are_read_by_the_same_names() {
    let file = "{\"user_id\":\"anna\",\"timestamp\":1706685300,\"weight\":80.50,\"unit\":\"kg\",\"extra\":{\"a\":[1]}}\n\
                {\"weight_lb\":\"176.4\",\"date\":\"2024-02-01\",\"User\":1503960366,\"id\":17}\n\
                \n\
                {\"user_id\":\"anna\",\"date\":null,\"weight\":80}\n\
                {\"user_id\":\"anna\",\"date\":\"2024-02-01\",\"weight\":80,\"value\":81}\n\
                {\"user_id\":\"anna\",\"date\":\"2024-02-01\",\"weight\":[80]}\n\
                {\"user_id\":\"anna\",\"date\":\"2024-02-01\",\"weight\":NaN}\n\
                {\"user_id\":\"anna\"\n\
                [1,2]\n\
                {\"user_id\":\"an\\u006ea\",\"date\":\"2024-02-02T00:00:00Z\",\"weight_kg\":80} \n";
    insta::assert_snapshot!(shown(file, &settings()), @r#"
    anna 2024-01-31T07:15:00Z unknown made-b523ede r0 add 80.5 kg
    1503960366 2024-02-01T00:00:00Z unknown 17 r0 add 176.4 lb
    anna 2024-02-02T00:00:00Z unknown made-9a38d33 r0 add 80 kg
    line 4: instant_missing: the date is missing "{\"user_id\":\"anna\",\"date\":null,\"weight\":80}"
    line 5: row_two_keys: two keys of the object fit weight "{\"user_id\":\"anna\",\"date\":\"2024-02-01\",\"weight\":80,\"value\":81"
    line 6: row_not_json: this is not JSON of the expected shape: invalid type: sequence, expected a string, a number or null at line 1 column 48 "{\"user_id\":\"anna\",\"date\":\"2024-02-01\",\"weight\":[80]}"
    line 7: row_not_json: this is not JSON of the expected shape: expected value at line 1 column 48 "{\"user_id\":\"anna\",\"date\":\"2024-02-01\",\"weight\":NaN}"
    line 8: row_not_json: this is not JSON of the expected shape: EOF while parsing an object at line 1 column 17 "{\"user_id\":\"anna\""
    line 9: row_not_json: this is not JSON of the expected shape: invalid type: sequence, expected an object at line 1 column 0 "[1,2]"
    skipped 1 blank
    note: dates without a time, taken as midnight in the zone: 1
    "#);
}
