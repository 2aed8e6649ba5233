//! Scenarios as files.

use crate::scenario;
use reweigh_reading::{
    Action, Fact, Height, InstantFormat, InstantReader, MeasureReader, Revision, Source, UserId, Zone,
};
use reweigh_scenario::{Delivery, FilesWritten, Label, Scenario, write_files};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// A file as rows of fields by column.
struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn parse(bytes: &[u8]) -> Table {
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(text.ends_with('\n') && !text.contains(['"', '\r']), "nothing needs quotes");
        let mut rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        let columns = rows.next().unwrap();
        let rows: Vec<_> = rows.collect();
        assert!(rows.iter().all(|row| row.len() == columns.len()), "as many fields as columns");
        Table { columns, rows }
    }

    fn get(&self, row: usize, column: &str) -> &str {
        let index = self
            .columns
            .iter()
            .position(|name| name == column)
            .unwrap_or_else(|| panic!("no column {column}"));
        &self.rows[row][index]
    }
}

struct Files {
    readings: Table,
    truth: Table,
    heights: Table,
    written: FilesWritten,
}

fn files(scenario: &Scenario, users: u32) -> Files {
    let (mut readings, mut truth, mut heights) = (Vec::new(), Vec::new(), Vec::new());
    let written = write_files(scenario, users, &mut readings, &mut truth, &mut heights).unwrap();
    let [readings, truth, heights] = [readings, truth, heights].map(|bytes| Table::parse(&bytes));
    Files { readings, truth, heights, written }
}

/// The fact of a row, read as any reader of files would.
fn fact(table: &Table, row: usize, rich: bool) -> Fact {
    let instants = InstantReader::new("UTC".parse::<Zone>().unwrap(), InstantFormat::Standard);
    let measures = MeasureReader::default();
    let get = |column| table.get(row, column);
    let user = UserId::new(get("user_id")).unwrap();
    let at = instants.read(get("effectiveDateTime")).unwrap().at;
    let source = Source::new(get("source_type")).unwrap();
    let measure = || measures.read(get("weight"), Some(measures.unit(get("unit")).unwrap())).unwrap();
    if !rich {
        return Fact::reading(user, at, source, measure());
    }
    let action = match get("action") {
        "add" => Action::Add(measure()),
        "amend" => Action::Amend(measure()),
        "retract" => Action::Retract,
        "reset" => Action::Reset { reason: reweigh_reading::ResetReason::new(get("reason")).unwrap() },
        "height" => Action::Height(Height::new(get("weight").parse().unwrap()).unwrap()),
        other => panic!("action {other}"),
    };
    let revision = Revision::new(get("revision").parse().unwrap());
    Fact::new(user, get("id").parse().unwrap(), revision, at, source, action)
}

#[test]
fn columns_are_those_of_the_yardstick() {
    let plain = files(&scenario("bench", 1), 2);
    assert_eq!(plain.readings.columns.join(","), "user_id,effectiveDateTime,source_type,weight,unit");
    assert_eq!(
        plain.truth.columns.join(","),
        "row_id,user_id,effectiveDateTime,true_weight_kg,label,arrived"
    );
    assert_eq!(plain.heights.columns.join(","), "user_id,height_m");
    let rich = files(&scenario("corrections", 1), 2);
    let readings = "user_id,effectiveDateTime,source_type,weight,unit,id,revision,action,reason";
    assert_eq!(rich.readings.columns.join(","), readings);
    let truth =
        "row_id,user_id,effectiveDateTime,true_weight_kg,label,arrived,id,revision,action,role,stands";
    assert_eq!(rich.truth.columns.join(","), truth);
}

#[test]
fn files_read_back_are_the_deliveries() {
    for (name, rich) in
        [("bench", false), ("units", false), ("dense", false), ("corrections", true), ("wild", true)]
    {
        let scenario = scenario(name, 3);
        let files = files(&scenario, 6);
        let wanted: Vec<Delivery> = scenario.arrivals(6).collect();
        assert_eq!(files.readings.rows.len(), wanted.len());
        for (row, delivery) in wanted.iter().enumerate() {
            assert_eq!(fact(&files.readings, row, rich), delivery.fact, "{name} row {row}");
        }
        assert_eq!(
            files.written,
            FilesWritten { deliveries: u64::try_from(wanted.len()).unwrap(), users: 6 }
        );
    }
}

#[test]
fn truth_is_what_stands_beside_each_reading() {
    let scenario = scenario("corrections", 3);
    let files = files(&scenario, 6);
    let instants = InstantReader::new("UTC".parse::<Zone>().unwrap(), InstantFormat::Standard);
    let mut standing = 0;
    for (row, delivery) in scenario.arrivals(6).enumerate() {
        let get = |column| files.truth.get(row, column);
        assert_eq!(get("user_id"), delivery.fact.user().as_str());
        assert_eq!(get("effectiveDateTime"), files.readings.get(row, "effectiveDateTime"));
        assert_eq!(instants.read(get("arrived")).unwrap().at, delivery.received);
        let label = get("label");
        assert_eq!(label.split(':').next_back().and_then(Label::named), Some(delivery.label));
        assert_eq!(label.starts_with("duplicate:"), get("role") == "resent");
        assert!((get("true_weight_kg").parse::<f64>().unwrap() - delivery.true_kg).abs() < 5.1e-5);
        standing += usize::from(get("stands") == "1" && get("role") != "resent");
    }
    assert_eq!(standing, scenario.lives(6).map(|life| life.standing().len()).sum::<usize>());
}

#[test]
fn row_ids_name_readings_and_users_are_in_order() {
    let files = files(&scenario("arrivals", 3), 12);
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for row in 0..files.truth.rows.len() {
        let earlier = *first.entry(files.truth.get(row, "row_id")).or_insert(row);
        let again = files.truth.get(row, "label").starts_with("duplicate:");
        assert_eq!(again, earlier != row);
        assert_eq!(files.readings.rows[earlier], files.readings.rows[row]);
    }
    let users: Vec<&str> = (0..12).map(|row| files.heights.get(row, "user_id")).collect();
    assert!(users.is_sorted());
    assert_eq!(files.heights.rows.len(), 12);
}

/// Takes so many bytes and then is full.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_error_of_a_writer_is_handed_on() {
    let scenario = scenario("bench", 1);
    let sink = io::sink;
    for room in [0, 60, 5_000] {
        for which in 0..3 {
            let room_of = |file| Full(if file == which { room } else { usize::MAX });
            let result = write_files(&scenario, 200, &mut room_of(0), &mut room_of(1), &mut room_of(2));
            assert!(
                result.is_err_and(|error| error.kind() == io::ErrorKind::StorageFull)
                    || (which == 2 && room > 4_000)
            );
        }
    }
    assert!(write_files(&scenario, 1, &mut sink(), &mut sink(), &mut sink()).is_ok());
}
