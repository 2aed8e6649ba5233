//! What comes out of the files that vendors and clinics give out, as small files of our own in their formats.

use std::io::{Cursor, Write};

use reweigh_import::{Format, ImportError, Input, Reader, Settings};
use zip::write::SimpleFileOptions;

use crate::show::{settings, shown, whole};

fn anna() -> Settings {
    let mut settings = settings();
    settings.user = Some("anna".parse().unwrap());
    settings.zone = "Europe/Berlin".parse().unwrap();
    settings
}

/// What is in a file, and that its content alone tells what it is.
fn told(file: &[u8], format: Format) -> String {
    let reader = Reader::open(Input::stream(Cursor::new(file.to_vec())), &anna()).unwrap();
    assert_eq!(reader.format(), format);
    let mut asked = anna();
    asked.format = format;
    let all = shown(file, &anna());
    assert_eq!(shown(file, &asked), all);
    all
}

/// Proves F8, I3.
#[test]
fn an_export_of_apple_health() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/apple_export.xml"), Format::Apple), @r#"
    anna 2024-01-01T08:00:00Z Health made-ce037d4 r0 height 1.71 m
    anna 2024-01-31T06:15:00Z Scale & Co made-a17c33a r0 add 80.5 kg
    anna 2024-02-01T06:00:00Z Health made-2ee5eb7 r0 add 177.25 lb
    anna 2024-02-04T06:15:00Z Scale made-13546ac r0 add 80.3 kg
    line 25: unit_unknown: unit `O.1` is unknown; known are kg, g, lb, st and their usual spellings; add an alias if it is one of them "<Record type=\"HKQuantityTypeIdentifierBodyMass\" sourceName=\""
    line 26: row_not_xml: this is not a well-formed element: syntax error: attribute value not closed: `"` not found before end of input "<Record type=\"HKQuantityTypeIdentifierBodyMass\" sourceName=\""
    skipped 2 other_measurement
    "#);
}

/// Proves F8, H4.
#[test]
fn a_bundle_of_fhir() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/fhir_bundle.json"), Format::Fhir), @r#"
    p1 2024-01-31T06:15:00Z patient-device w1 r0 add 80.5 kg
    p1 2024-01-31T06:15:00Z Device/d7 w1 r1 add 177.5 lb
    p1 2024-02-01T07:15:00Z unknown w2 r1 retract
    mrn-17 2024-02-01T07:15:00Z unknown made-e159dcd r1 retract
    p1 2024-01-01T09:00:00Z unknown h1 r0 height 1.71 m
    line 71: fhir_status: an observation of status `cancelled` is not a reading "{\"resource\": {\"resourceType\": \"Observation\", \"id\": \"x2\", \"st"
    line 72: instant_unreadable: date `2024-02` is not understood; write 2024-01-31T07:15:00Z or 2024-01-31 07:15:00, or give the date format "{\"resource\": {\"resourceType\": \"Observation\", \"id\": \"x3\", \"st"
    line 73: weight_missing: the weight is missing "{\"resource\": {\"resourceType\": \"Observation\", \"id\": \"x4\", \"st"
    line 74: unit_dangerous: unit `[lb_ap]` is a pound of 373 g, which exports write for the ordinary pound; known are kg, g, lb, st; add an alias that says which it is "{\"resource\": {\"resourceType\": \"Observation\", \"id\": \"x5\", \"st"
    skipped 1 other_measurement
    skipped 1 other_resource
    "#);
}

/// Proves F8, W23.
#[test]
fn observations_in_lines() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/fhir_lines.ndjson"), Format::Fhir), @r#"
    p1 2024-01-31T07:15:00Z unknown w1 r0 add 80.5 kg
    p1 2024-02-02T07:15:00Z unknown w3 r1 add 80.7 kg
    line 2: row_not_json: this is not JSON of the expected shape: the object does not end "{\"resourceType\":\"Observation\",\"id\":\"w2\",\"status\":\"final\",\"co"
    "#);
}

#[test]
fn one_observation_alone() {
    let lines = include_str!("../fixtures/fhir_lines.ndjson");
    let first = lines.lines().next().unwrap().replace(',', ",\n  ");
    insta::assert_snapshot!(told(first.as_bytes(), Format::Fhir), @"p1 2024-01-31T07:15:00Z unknown w1 r0 add 80.5 kg");
}

#[test]
fn a_table_of_withings() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/withings_weight.csv"), Format::Withings), @r#"
    anna 2024-02-02T06:15:01Z withings made-c80228f r0 add 80.5 kg
    anna 2024-02-01T06:14:32Z withings made-c49f729 r0 add 80.9 kg
    line 5: weight_missing: the weight is missing "\"2024-01-31 07:12:00\",,,,,,"
    note: times without a zone, taken in the given one: 2
    "#);
}

#[test]
fn an_answer_of_the_measure_service_of_withings() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/withings_measures.json"), Format::Withings), @r#"
    anna 2024-01-31T06:15:00Z withings 12 r0 add 80.5 kg
    anna 2024-02-01T06:15:00Z withings-ambiguous 13 r3600 add 80.9 kg
    anna 2024-01-29T03:46:40Z withings-manual 14 r0 add 81 kg
    anna 2024-01-29T03:46:40Z withings-manual 14-height r0 height 1.71 m
    line 7: row_not_json: this is not JSON of the expected shape: invalid type: string "soon", expected i64 at line 1 column 36 "{\"grpid\":17,\"attrib\":0,\"date\":\"soon\",\"category\":1,\"measures\""
    skipped 1 other_measurement
    skipped 1 goal
    "#);
}

#[test]
fn a_file_of_an_export_of_fitbit() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/fitbit_weight-2024-01-31.json"), Format::Fitbit), @r#"
    anna 2024-01-31T06:14:59Z fitbit 170668529900 r0 add 177.5 lb
    anna 2024-02-01T06:14:59Z Aria 170677169900 r0 add 80.1 kg
    line 15: unit_untold: nothing tells whether this is in kilograms or pounds; make a table of it with a unit "{\n  \"logId\" : 1706858099000,\n  \"weight\" : 80.1,\n  \"date\" : \""
    note: times without a zone, taken in the given one: 2
    note: weights without a unit, which the body mass index beside them tells: 2
    "#);
}

#[test]
fn an_answer_of_the_weight_log_service_of_fitbit() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/fitbit_service.json"), Format::Fitbit), @r"
    anna 2024-01-31T06:14:59Z API 170668529900 r0 add 80.51 kg
    anna 2024-02-01T22:59:59Z fitbit 170677169900 r0 add 12.67 st
    note: times without a zone, taken in the given one: 2
    note: weights without a unit, which the body mass index beside them tells: 2
    ");
}

#[test]
fn a_table_of_fitabase() {
    insta::assert_snapshot!(told(include_bytes!("../fixtures/fitbit_weightLogInfo.csv"), Format::Fitbit), @r#"
    1000000001 2024-01-31T22:59:59Z fitbit-manual 170674559900 r0 add 52.5999984741211 kg
    1000000002 2024-02-01T06:08:52Z fitbit 170677133200 r0 add 133.5 kg
    line 4: instant_no_such_date: date `2/30/2024 7:08:52 AM` does not exist "1000000002,2/30/2024 7:08:52 AM,133.5,294.317120016975,,47.5"
    note: times without a zone, taken in the given one: 2
    "#);
}

#[test]
fn objects_in_an_array() {
    let file = "[{\"user_id\":\"a\",\"date\":\"2024-01-31\",\n\"weight\":80.5},\n{\"user_id\":\"a\",\"date\":\"2024-02-01\",\"weight\":81,},\n{\"user_id\":\"a\",\"date\":\"2024-02-02\",\"weight\":82}]";
    insta::assert_snapshot!(told(file.as_bytes(), Format::Jsonl), @r#"
    a 2024-01-30T23:00:00Z unknown made-f099b41 r0 add 80.5 kg
    a 2024-02-01T23:00:00Z unknown made-243a9eb r0 add 82 kg
    line 3: row_not_json: this is not JSON of the expected shape: trailing comma at line 1 column 48 "{\"user_id\":\"a\",\"date\":\"2024-02-01\",\"weight\":81,}"
    note: dates without a time, taken as midnight in the zone: 2
    "#);
}

#[test]
fn files_without_a_user_need_one() {
    for file in [
        &include_bytes!("../fixtures/apple_export.xml")[..],
        include_bytes!("../fixtures/withings_weight.csv"),
        include_bytes!("../fixtures/withings_measures.json"),
        include_bytes!("../fixtures/fitbit_service.json"),
    ] {
        assert!(matches!(whole(file, &settings()), Err(ImportError::NeedsUser)));
    }
}

#[test]
fn a_format_that_was_asked_for_must_be_there() {
    for (format, file) in [
        (Format::Apple, "user_id,date,weight\na,2024-01-31,80\n"),
        (Format::Fhir, "<HealthData></HealthData>"),
        (Format::Csv, "{\"a\":1}"),
    ] {
        let mut settings = anna();
        settings.format = format;
        let error = whole(file, &settings).unwrap_err();
        assert!(error.to_string().contains(format.name()), "{error}");
    }
    assert_eq!(whole("<html></html>", &anna()).unwrap_err().code(), "file_unknown_format");
    assert_eq!(whole([0_u8, 1, 2, 200], &anna()).unwrap_err().code(), "file_unknown_format");
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_are_read_as_they_are_downloaded() {
    let apple = include_bytes!("../fixtures/apple_export.xml");
    let zip = archive(&[
        ("apple_health_export/export_cda.xml", b"<ClinicalDocument/>"),
        ("apple_health_export/Exportieren.xml", apple),
        ("apple_health_export/workout-routes/route_2024-02-04.gpx", b"<gpx/>"),
    ]);
    assert_eq!(whole(&zip, &anna()).unwrap().0.facts, whole(apple, &anna()).unwrap().0.facts);
    let (batch, _) = whole(&zip, &anna()).unwrap();
    assert_eq!(batch.rejects[0].member.as_deref(), Some("apple_health_export/Exportieren.xml"));

    let zip = archive(&[
        ("raw_tracker_steps.csv", b"start,duration,value\n"),
        ("height.csv", b"Date,\"Height (m)\"\n2024-01-01 00:00:00,1.71\n"),
        ("weight.csv", include_bytes!("../fixtures/withings_weight.csv")),
    ]);
    insta::assert_snapshot!(shown(&zip, &anna()), @r#"
    anna 2023-12-31T23:00:00Z withings made-b63c978 r0 height 1.71 m
    anna 2024-02-02T06:15:01Z withings made-c80228f r0 add 80.5 kg
    anna 2024-02-01T06:14:32Z withings made-c49f729 r0 add 80.9 kg
    line 5: weight_missing: the weight is missing "\"2024-01-31 07:12:00\",,,,,,"
    note: times without a zone, taken in the given one: 3
    "#);

    let zip = archive(&[
        ("Takeout/Fitbit/Global Export Data/steps-2024-01-31.json", b"[]"),
        (
            "Takeout/Fitbit/Global Export Data/weight-2024-01-31.json",
            include_bytes!("../fixtures/fitbit_weight-2024-01-31.json"),
        ),
        ("Takeout/Fitbit/Global Export Data/weight-2024-03-01.json", b"[]"),
    ]);
    assert_eq!(whole(&zip, &anna()).unwrap().0.facts.len(), 2);

    let table = b"user_id,date,weight\na,2024-01-31,80\n";
    assert_eq!(
        whole(archive(&[("a/readings.csv", table), ("a/readme.md", b"x")]), &anna()).unwrap().0.facts.len(),
        1
    );
    let two = archive(&[("a.csv", table), ("b.csv", table)]);
    assert_eq!(whole(&two, &anna()).unwrap_err().code(), "file_archive_without");
}

#[test]
fn damaged_archives_and_archives_in_streams_are_refused() {
    let mut zip =
        archive(&[("weight.csv", b"Date,Weight (kg)\n2024-01-31 07:00:00,80\n2024-02-01 07:00:00,80\n")]);
    let stream = Input::stream(Cursor::new(zip.clone()));
    assert!(matches!(Reader::open(stream, &anna()), Err(ImportError::ArchiveInStream)));
    let half = zip[..zip.len() / 2].to_vec();
    assert_eq!(whole(half, &anna()).unwrap_err().code(), "file_archive");
    let stored = zip.windows(6).position(|bytes| bytes == b"weight").unwrap() + 20;
    zip[stored] ^= 0x40;
    assert!(whole(&zip, &anna()).is_err());
}

/// Proves F8.
#[test]
fn packed_files_and_streams_give_the_same() {
    let file = "user_id,date,weight\nanna,2024-01-31,80.5\n".repeat(200);
    let plain = whole(&file, &settings()).unwrap();
    assert_eq!(plain.1.skipped(), 199);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(file.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let zstd = zstd::encode_all(file.as_bytes(), 1).unwrap();
    for packed in [&gzip, &zstd] {
        assert_eq!(whole(packed, &settings()).unwrap(), plain);
        let input = Input::stream(Cursor::new(packed.clone()));
        let progress = input.progress();
        let mut reader = Reader::open(input, &settings()).unwrap();
        while reader.next_batch(1_000).unwrap().is_some() {}
        assert_eq!(progress.bytes(), packed.len() as u64);
        assert_eq!(reader.finish().unwrap(), plain.1);
    }
    // Two packed files put together are one.
    assert_eq!(whole([gzip.clone(), gzip.clone()].concat(), &settings()).unwrap().1.facts, 400);

    // What came before a damage is given out, and then the error.
    let large = format!("user_id,date,weight\n{}", "anna,2024-01-31,80.5\n".repeat(200_000));
    let zstd = zstd::encode_all(large.as_bytes(), 1).unwrap();
    let cut = zstd[..zstd.len() - 3].to_vec();
    let mut reader = Reader::open(Input::stream(Cursor::new(cut)), &settings()).unwrap();
    let mut facts = 0;
    let error = loop {
        match reader.next_batch(1_000) {
            Ok(Some(batch)) => facts += batch.facts.len(),
            Ok(None) => panic!("the damage was not seen"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code(), "file_read");
    assert!(facts > 0);
    assert_eq!(reader.tally().facts, facts as u64);
    assert!(matches!(reader.next_batch(1), Ok(None)));
}
