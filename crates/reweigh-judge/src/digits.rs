//! Slips of the hand: two digits that changed places.

/// What the value of a record would have been with neighbouring digits in each other's place, for the
/// places where a scale has digits: hundreds and tens, tens and ones, ones and tenths.
///
/// Arithmetic on the value rounded to tenths; none where the two digits are equal or nothing is left.
pub(crate) fn swapped(value: f64) -> [Option<f64>; 3] {
    let tenths = (value * 10.0).round();
    if !(1.0..1e7).contains(&tenths) {
        return [None; 3];
    }
    let digit = |unit: f64| (tenths / unit).floor() % 10.0;
    let swap = |low: f64| {
        let (a, b) = (digit(low), digit(low * 10.0));
        let moved = tenths + (a - b) * low * 9.0;
        (a != b && tenths >= low * 10.0 && moved > 0.0).then_some(moved / 10.0)
    };
    [swap(100.0), swap(10.0), swap(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_change_places() {
        assert_eq!(swapped(81.2), [None, Some(18.2), Some(82.1)]);
        assert_eq!(swapped(103.0), [Some(13.0), Some(130.0), Some(100.3)]);
        assert_eq!(swapped(77.7), [None, None, None]);
        assert_eq!(swapped(f64::NAN), [None; 3]);
        assert_eq!(swapped(-5.0), [None; 3]);
    }
}
