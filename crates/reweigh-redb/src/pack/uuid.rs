//! Given ids that are UUIDs: 17 bytes instead of 38.

use crate::bytes::{Malformed, Reader};

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// The case and the number, if the text is 32 digits of one case with their hyphens, and nothing else.
fn number(text: &str) -> Option<(u8, u128)> {
    let hyphens = text.len() == 36 && text.match_indices('-').map(|(at, _)| at).eq(HYPHENS);
    let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = text.bytes().any(|byte| byte.is_ascii_lowercase());
    if !hyphens || upper && lower || text.contains('+') {
        return None;
    }
    let number = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    Some((u8::from(upper), number))
}

pub(super) fn is_one(text: &str) -> bool {
    number(text).is_some()
}

pub(super) fn put(bytes: &mut Vec<u8>, text: &str) {
    if let Some((case, number)) = number(text) {
        bytes.push(case);
        bytes.extend_from_slice(&number.to_be_bytes());
    }
}

pub(super) fn take(reader: &mut Reader<'_>) -> Result<String, Malformed> {
    let case = reader.byte("an id")?;
    let number = u128::from_be_bytes(reader.array("an id")?);
    let mut text = match case {
        0 => format!("{number:032x}"),
        1 => format!("{number:032X}"),
        _ => return Err(Malformed::new("an id")),
    };
    for at in HYPHENS {
        text.insert(at, '-');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_back_is_one() {
        for text in [
            "123e4567-e89b-12d3-a456-426614174000",
            "123E4567-E89B-12D3-A456-426614174000",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ] {
            let mut bytes = Vec::new();
            put(&mut bytes, text);
            assert_eq!(bytes.len(), 17);
            assert_eq!(take(&mut Reader::new(&bytes)).unwrap(), text);
        }
        for text in [
            "123e4567-e89b-12d3-A456-426614174000",
            "123e4567e89b12d3a456426614174000",
            "+23e4567-e89b-12d3-a456-426614174000",
            "123e4567-e89b-12d3-a456-42661417400",
            "123e4567-e89b-12d3-a456-4266141740000",
            "123e4567-e89b-12d3-a4564-26614174000",
            "{23e4567-e89b-12d3-a456-426614174000",
            "é3e4567-e89b-12d3-a456-426614174000",
            "",
        ] {
            assert!(!is_one(text), "{text}");
        }
        assert!(take(&mut Reader::new(&[2; 17])).is_err());
        assert!(take(&mut Reader::new(&[0; 16])).is_err());
    }
}
