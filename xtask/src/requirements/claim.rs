//! What a doc comment claims: `Proves A1, W3.`, a line of its own.

/// The ids that a line of documentation claims to prove; nothing if it is about something else.
///
/// A line that means to be a claim and is none is an error. If it were passed over, its test would prove nothing.
pub(super) fn parse(line: &str) -> Option<Result<Vec<String>, ()>> {
    let (before, after) = line.trim().split_once("Proves ")?;
    let first = after.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    if !is_id(first) || before.contains('`') {
        return None;
    }
    let listed = after.strip_suffix('.').filter(|_| before.is_empty());
    let ids = listed.map(|ids| ids.split(", ").map(str::to_owned).collect::<Vec<_>>());
    Some(ids.filter(|ids| ids.iter().all(|id| is_id(id))).ok_or(()))
}

/// One capital letter and a number: `A1`, `W28`.
pub(super) fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase())
        && bytes.len() > 0
        && bytes.all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_read() {
        assert_eq!(parse(" Proves B4."), Some(Ok(vec!["B4".to_owned()])));
        assert_eq!(parse("Proves W12, H4."), Some(Ok(vec!["W12".to_owned(), "H4".to_owned()])));
    }

    #[test]
    fn what_only_looks_like_a_claim_is_an_error() {
        for line in [
            "Proves B4",
            "Proves B4,W3.",
            "Proves B4 and W3.",
            "It Proves B4.",
            "Proves B4. And more.",
            "Proves B4, w3.",
        ] {
            assert_eq!(parse(line), Some(Err(())), "{line}");
        }
    }

    #[test]
    fn other_sentences_are_let_be() {
        for line in ["Proves that nothing is lost.", "Adds a reading.", "Write `Proves A1.` above it.", ""] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
