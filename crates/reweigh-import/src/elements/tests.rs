use std::io::Cursor;

use super::*;

const TARGETS: &[Target] = &[("entry", 1), ("groups", 2)];

/// What is found in a text, and on which lines.
fn found(text: &str) -> Vec<String> {
    let window = Window::new(Box::new(Cursor::new(text.to_owned().into_bytes())), ROW_BYTES_MAX);
    let mut elements = Elements::new(window, TARGETS);
    let mut found = Vec::new();
    while let Some(element) = elements.next().unwrap() {
        let bytes = String::from_utf8_lossy(elements.bytes(element)).into_owned();
        found.push(format!("{} {:?} {bytes}", element.line, element.kind));
        elements.take(element.bytes);
    }
    found
}

#[test]
fn objects_at_the_top_are_found() {
    assert_eq!(
        found("{\"a\":{\"b\":[1,{}]}}\n{}\n\n {\"c\":\"}\\\"{\"}"),
        ["1 Object {\"a\":{\"b\":[1,{}]}}", "2 Object {}", "4 Object {\"c\":\"}\\\"{\"}"]
    );
    assert_eq!(found("[{},\n{\"a\":1}]"), ["1 Object {}", "2 Object {\"a\":1}"]);
    assert_eq!(found(" \n "), [""; 0]);
}

#[test]
fn elements_of_arrays_of_rows_are_found_and_nothing_around_them() {
    let text = "{\"link\":[{\"a\":1},{\"a\":2}],\"entry\":[{\"b\":1},\n{\"b\":2}],\"more\":[{\"c\":1},{\"c\":2}],\"x\":{\"entry\":[{}]}}\n{\"d\":1}";
    assert_eq!(found(text), ["1 Object {\"b\":1}", "2 Object {\"b\":2}", "3 Object {\"d\":1}"]);
    let text = "{\"status\":0,\"body\":{\"updatetime\":1,\"groups\":[{\"id\":1}],\"more\":0},\"x\":1}";
    assert_eq!(found(text), ["1 Object {\"id\":1}"]);
    let text = "{\"groups\":[{\"id\":1}]}";
    assert_eq!(found(text), [format!("1 Object {text}")]);
}

/// Proves W23.
#[test]
fn a_mistake_costs_its_own_object() {
    // A quote too few: the line ends the string.
    assert_eq!(found("[{\"a\":\"x\n},\n{\"b\":1}]"), ["1 Object {\"a\":\"x\n}", "3 Object {\"b\":1}"]);
    // A bracket too many, in the array and in the object.
    assert_eq!(found("{\"entry\":[{\"a\":1}},{\"b\":1}]}"), ["1 Object {\"a\":1}", "1 Object {\"b\":1}"]);
    assert_eq!(found("{\"entry\":[{\"a\":1}],{\"b\":1}]}"), ["1 Object {\"a\":1}", "1 Object {\"b\":1}"]);
    // Something else among the objects.
    assert_eq!(found("[{}, x y {\"b\":1}]"), ["1 Object {}", "1 Stray x y ", "1 Object {\"b\":1}"]);
}

#[test]
fn reading_goes_on_where_a_row_can_be_read() {
    let is_row = |text: &[u8]| text.starts_with(b"{\"b\"");
    assert_eq!(resume(b"{\"a\":{},{\"b\":1}", is_row), 8);
    assert_eq!(resume(b"{\"a:{},{\"b\":1}", is_row), 7);
    assert_eq!(resume(b"{\"b\":1", is_row), 6);
}

/// Proves W23.
#[test]
fn what_does_not_end_is_cut_and_memory_stays() {
    let text = format!("[{{\"a\":\"{}\"}},{{\"b\":1}}]", "x".repeat(2 * ROW_BYTES_MAX));
    let kinds: Vec<String> = found(&text).iter().map(|line| line.chars().take(16).collect()).collect();
    assert_eq!(kinds.first().map(String::as_str), Some("1 Open {\"a\":\"xxx"));
    assert_eq!(kinds.last().map(String::as_str), Some("1 Object {\"b\":1}"));
}
