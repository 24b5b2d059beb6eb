//! Numbers with a unit, in a width that fits a table.

/// A duration in the unit that leaves one to three digits before the point: `18.22 µs`, `1.204 ms`; 0 is `0 ns`.
pub fn duration(ms: f64) -> String {
    let units = [(1e6, "ns"), (1e3, "µs"), (1.0, "ms"), (1e-3, "s")];
    let magnitude = ms.abs();
    let (scale, unit) = match magnitude {
        _ if magnitude == 0.0 => return "0 ns".into(),
        // The bounds are where four significant digits round up to the next unit.
        _ if magnitude < 0.99995e-3 => units[0],
        _ if magnitude < 0.99995 => units[1],
        _ if magnitude < 999.95 => units[2],
        _ => units[3],
    };
    format!("{} {unit}", significant(ms * scale))
}

/// A change in percent, signed, of a ratio: `+15.0 %`, `0.0 %`, never `-0.0 %`.
pub fn change(ratio: f64) -> String {
    percent(100.0 * (ratio - 1.0))
}

/// A signed percentage: one digit behind the point, two below 1 %; never `-0.0 %`.
pub fn percent(percent: f64) -> String {
    let digits = if percent.abs() < 0.995 { 2 } else { 1 };
    let shown = format!("{percent:+.digits$}");
    if shown.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) || !percent.is_finite() {
        format!("{shown} %")
    } else {
        "0.0 %".into()
    }
}

/// A count with the prefix that leaves one to three digits before the point: `1.204 G`, `312 k`; below 1000 there is none.
pub fn count(value: f64) -> String {
    let prefixes = [(1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")];
    let (scale, prefix) = prefixes
        .into_iter()
        .find(|(scale, _)| value.abs() >= 0.99995 * scale)
        .unwrap_or((1.0, ""));
    format!("{}{prefix}", significant(value / scale))
}

/// Bytes in the decimal unit that leaves one to three digits before the point: `24.6 kB`, `12 MB`, `8 B`.
pub fn bytes(bytes: f64) -> String {
    let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let fitting = units
        .into_iter()
        .find(|(scale, _)| bytes >= 0.99995 * scale);
    let (scale, unit) = fitting.unwrap_or((1.0, "B"));
    let shown = format!("{:.1}", bytes / scale);
    format!("{} {unit}", shown.strip_suffix(".0").unwrap_or(&shown))
}

/// Four significant digits; more before the point where there are more.
fn significant(value: f64) -> String {
    let digits = match value.abs() {
        magnitude if magnitude < 9.9995 => 3,
        magnitude if magnitude < 99.995 => 2,
        magnitude if magnitude < 999.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let table = [
            (0.0, "0 ns"),
            (-0.0, "0 ns"),
            (1e-9, "0.001 ns"),
            (1.234e-6, "1.234 ns"),
            (0.000_999_94, "999.9 ns"),
            (0.000_999_96, "1.000 µs"),
            (0.018_221, "18.22 µs"),
            (0.99996, "1.000 ms"),
            (1.2, "1.200 ms"),
            (37.128, "37.13 ms"),
            (999.96, "1.000 s"),
            (3.6e6, "3600 s"),
            (-2.0, "-2.000 ms"),
        ];
        for (ms, expected) in table {
            assert_eq!(duration(ms), expected, "{ms}");
        }
    }

    #[test]
    fn changes() {
        let table = [
            (1.15, "+15.0 %"),
            (0.9, "-10.0 %"),
            (1.0, "0.0 %"),
            (1.0 - 1e-12, "0.0 %"),
            (1.0 + 1e-12, "0.0 %"),
            (0.9996, "-0.04 %"),
            (1.0096, "+0.96 %"),
            (1.00996, "+1.0 %"),
            (3.0, "+200.0 %"),
        ];
        for (ratio, expected) in table {
            assert_eq!(change(ratio), expected, "{ratio}");
        }
        assert_eq!(percent(f64::INFINITY), "+inf %");
    }

    #[test]
    fn amounts_of_bytes() {
        let table = [
            (0.0, "0 B"),
            (8.0, "8 B"),
            (999.96, "1 kB"),
            (24_576.0, "24.6 kB"),
            (12e6, "12 MB"),
            (201_326_592.0, "201.3 MB"),
            (4e12, "4000 GB"),
        ];
        for (amount, expected) in table {
            assert_eq!(bytes(amount), expected, "{amount}");
        }
    }

    #[test]
    fn counts() {
        let table = [
            (0.0, "0.000"),
            (12.0, "12.00"),
            (999.96, "1.000 k"),
            (312_400.0, "312.4 k"),
            (1.204e9, "1.204 G"),
            (5e15, "5000 T"),
        ];
        for (value, expected) in table {
            assert_eq!(count(value), expected, "{value}");
        }
    }
}
