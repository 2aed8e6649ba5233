//! The shapes of dates, times and offsets in text. It reads digits and leaves meaning to its callers.

/// A date as written; nobody has looked whether it exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WrittenDate {
    pub(crate) year: i16,
    pub(crate) month: i8,
    pub(crate) day: i8,
}

/// A time of day as written; the hour is of 24, the rest is as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct WrittenTime {
    pub(crate) hour: i8,
    pub(crate) minute: i8,
    pub(crate) second: i8,
    pub(crate) micros: i32,
}

/// `YYYY-MM-DD` or `YYYY/MM/DD`, and what follows.
pub(crate) fn year_first(text: &[u8]) -> Option<(WrittenDate, &[u8])> {
    let [y1, y2, y3, y4, sep1 @ (b'-' | b'/'), m1, m2, sep2, d1, d2, rest @ ..] = text else {
        return None;
    };
    if sep1 != sep2 {
        return None;
    }
    let year = i16::from(two(*y1, *y2)?) * 100 + i16::from(two(*y3, *y4)?);
    Some((WrittenDate { year, month: two(*m1, *m2)?, day: two(*d1, *d2)? }, rest))
}

/// A date that ends with its year, such as `3/4/2024`, `03.04.24`: two numbers, the year, its digits, the rest.
pub(crate) fn year_last(text: &[u8]) -> Option<(i8, i8, i16, usize, &[u8])> {
    let (first, rest) = one_or_two(text)?;
    let [sep @ (b'/' | b'.' | b'-'), rest @ ..] = rest else { return None };
    let (second, rest) = one_or_two(rest)?;
    let rest = rest.strip_prefix(&[*sep])?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match (digits, rest) {
        (4, [y1, y2, y3, y4, rest @ ..]) => {
            let year = i16::from(two(*y1, *y2)?) * 100 + i16::from(two(*y3, *y4)?);
            Some((first, second, year, digits, rest))
        }
        (2, [y1, y2, rest @ ..]) => Some((first, second, i16::from(two(*y1, *y2)?), digits, rest)),
        _ => None,
    }
}

/// What may follow a date: nothing, or `T` or spaces and then a time and perhaps an offset, to the end of the text.
pub(crate) enum Tail {
    Nothing,
    Time(WrittenTime, Option<i32>),
    /// Twelve-hour clocks have no hour 0 and none above 12.
    NoSuchTime,
}

pub(crate) fn tail(text: &[u8]) -> Option<Tail> {
    let text = match text {
        [] => return Some(Tail::Nothing),
        [b'T' | b't', rest @ ..] => rest,
        [b' ', rest @ ..] => rest.trim_ascii_start(),
        _ => return None,
    };
    let (mut time, rest) = time(text)?;
    let (half, rest) = match rest.trim_ascii_start() {
        [b'A' | b'a', b'M' | b'm', rest @ ..] => (Some(0), rest),
        [b'P' | b'p', b'M' | b'm', rest @ ..] => (Some(12), rest),
        _ => (None, rest),
    };
    if let Some(half) = half {
        if !(1..=12).contains(&time.hour) {
            return Some(Tail::NoSuchTime);
        }
        time.hour = time.hour % 12 + half;
    }
    match rest.trim_ascii_start() {
        [] => Some(Tail::Time(time, None)),
        offset => Some(Tail::Time(time, Some(whole_offset(offset)?))),
    }
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f` with one to nine decimals after a point or comma.
///
/// Decimals after the sixth are cut off, not rounded: a time never moves into the next second.
fn time(text: &[u8]) -> Option<(WrittenTime, &[u8])> {
    let (hour, rest) = one_or_two(text)?;
    let [b':', m1, m2, rest @ ..] = rest else { return None };
    let minute = two(*m1, *m2)?;
    let [b':', s1, s2, rest @ ..] = rest else {
        return Some((WrittenTime { hour, minute, second: 0, micros: 0 }, rest));
    };
    let second = two(*s1, *s2)?;
    let (micros, rest) = match rest {
        [b'.' | b',', rest @ ..] => fraction(rest)?,
        _ => (0, rest),
    };
    Some((WrittenTime { hour, minute, second, micros }, rest))
}

/// One to nine decimals of a second as microseconds, cut off after the sixth.
pub(crate) fn fraction(text: &[u8]) -> Option<(i32, &[u8])> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(count)?;
    let padded = digits.iter().copied().chain(std::iter::repeat(b'0'));
    let micros = padded.take(6).fold(0, |micros, digit| micros * 10 + i32::from(digit - b'0'));
    Some((micros, rest))
}

/// `Z`, `UTC`, `GMT`, `±HH:MM`, `±HHMM` or `±HH`, and nothing else, as seconds east of Greenwich.
pub(crate) fn whole_offset(text: &[u8]) -> Option<i32> {
    let (sign, hours, minutes) = match text {
        [b'Z' | b'z'] => return Some(0),
        [_, _, _] if text.eq_ignore_ascii_case(b"utc") || text.eq_ignore_ascii_case(b"gmt") => {
            return Some(0);
        }
        [sign, h1, h2] => (sign, two(*h1, *h2)?, 0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, two(*h1, *h2)?, two(*m1, *m2)?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

fn one_or_two(text: &[u8]) -> Option<(i8, &[u8])> {
    match text {
        [a, b, rest @ ..] if b.is_ascii_digit() => Some((two(*a, *b)?, rest)),
        [a, rest @ ..] => Some((two(b'0', *a)?, rest)),
        [] => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<i8> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| (byte - b'0').cast_signed());
    Some(digit(tens)? * 10 + digit(ones)?)
}
