//! From a value to a place on an axis, and the values that an axis names.

/// An axis: the values at its two ends, and whether equal steps are equal differences or equal ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    /// Equal steps are equal differences. Ends that are the same, or are no numbers, are moved apart.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let low = if low.is_finite() { low } else { 0.0 };
        let least = 1e-6 * low.abs() + f64::MIN_POSITIVE;
        let wide = high.is_finite() && high - low > least;
        Scale {
            low,
            high: if wide { high } else { low + 2.0 * least },
            logarithmic: false,
        }
    }

    /// Equal steps are equal ratios; the values are above 0.
    pub(super) fn logarithmic(low: f64, high: f64) -> Self {
        let low = if low > 0.0 && low.is_finite() {
            low
        } else {
            1.0
        };
        let wide = high.is_finite() && high > 1.001 * low;
        Scale {
            low,
            high: if wide { high } else { 10.0 * low },
            logarithmic: true,
        }
    }

    /// Where a value lies: 0 is the lower end, 1 the upper. Values beyond the ends lie at them.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        match share {
            // What is no number lies at the lower end.
            _ if share.is_nan() => 0.0,
            _ => share.clamp(0.0, 1.0),
        }
    }

    /// Values to name: round ones within the ends, about `wanted` of them.
    pub(super) fn ticks(&self, wanted: usize) -> Vec<f64> {
        if self.logarithmic {
            self.ratios(wanted)
        } else {
            self.differences(wanted)
        }
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn differences(&self, wanted: usize) -> Vec<f64> {
        let rough = (self.high - self.low) / wanted.max(1) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let steps = [0.2, 0.5, 1.0, 2.0, 5.0, 10.0].map(|step| step * power);
        let ends = |step: f64| {
            (
                (self.low / step).ceil() as i64,
                (self.high / step).floor() as i64,
            )
        };
        let coarse = steps.iter().position(|step| *step >= rough * 0.999);
        let coarse = coarse.unwrap_or(steps.len() - 1);
        // One value alone names no scale.
        let names_two = |index: &usize| ends(steps[*index]).0 < ends(steps[*index]).1;
        let step = steps[(0..=coarse).rev().find(names_two).unwrap_or(coarse)];
        let (first, last) = ends(step);
        // An axis of enormous values with tiny differences has no round ones that a number can tell apart.
        (first..=last.min(first.saturating_add(20)))
            .map(|index| index as f64 * step)
            .collect()
    }

    /// Powers of ten, every so many; with 2 and 5 between where they are few.
    fn ratios(&self, wanted: usize) -> Vec<f64> {
        let (first, last) = (self.low.log10(), self.high.log10());
        let decades = last - first;
        let few = 2.0 * decades <= wanted as f64;
        let between: &[f64] = if few { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let every = (decades / wanted.max(1) as f64).ceil();
        (first.floor() as i32..=last.ceil() as i32)
            .step_by((every as usize).max(1))
            .flat_map(|power| between.iter().map(move |digit| digit * 10f64.powi(power)))
            .filter(|value| (self.low * 0.999..=self.high * 1.001).contains(value))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let table = [
            (Scale::linear(10.0, 20.0), 15.0, 0.5),
            (Scale::linear(10.0, 20.0), 9.0, 0.0),
            (Scale::linear(10.0, 20.0), f64::INFINITY, 1.0),
            (Scale::linear(10.0, 20.0), f64::NAN, 0.0),
            (Scale::linear(5.0, 5.0), 5.0, 0.0),
            (Scale::linear(0.0, 0.0), 0.0, 0.0),
            (Scale::linear(f64::NAN, f64::NAN), 1.0, 1.0),
            (Scale::logarithmic(1.0, 100.0), 10.0, 0.5),
            (Scale::logarithmic(1.0, 100.0), 0.0, 0.0),
            (Scale::logarithmic(1.0, 100.0), -1.0, 0.0),
            (Scale::logarithmic(7.0, 7.0), 7.0, 0.0),
            (Scale::logarithmic(0.0, 0.0), 10.0, 1.0),
        ];
        for (scale, value, expected) in table {
            let found = scale.at(value);
            assert!(
                (found - expected).abs() < 1e-9,
                "{value} on {scale:?}: {found}"
            );
        }
    }

    #[test]
    fn ticks_are_round_and_few() {
        let table: [(Scale, usize, &[f64]); 8] = [
            (Scale::linear(262.0, 336.0), 3, &[280.0, 300.0, 320.0]),
            (
                Scale::linear(0.0, 10.0),
                5,
                &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0],
            ),
            (Scale::linear(-12.0, 12.0), 4, &[-10.0, 0.0, 10.0]),
            (Scale::linear(603.1, 640.0), 3, &[620.0, 640.0]),
            (
                Scale::logarithmic(0.5, 2000.0),
                4,
                &[1.0, 10.0, 100.0, 1000.0],
            ),
            (
                Scale::logarithmic(1.0, 30.0),
                6,
                &[1.0, 2.0, 5.0, 10.0, 20.0],
            ),
            (
                Scale::logarithmic(1e-9, 1e9),
                6,
                &[1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6, 1e9],
            ),
            (Scale::logarithmic(2.0, 4.0), 2, &[2.0]),
        ];
        for (scale, wanted, expected) in table {
            let found = scale.ticks(wanted);
            let near = found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs());
            assert!(near, "{scale:?}: {found:?}");
        }
    }

    #[test]
    fn no_axis_is_endless() {
        for scale in [
            Scale::linear(1e300, 1e300),
            Scale::linear(f64::MIN_POSITIVE, f64::MIN_POSITIVE),
            Scale::linear(1e17, 1e17 + 64.0),
            Scale::logarithmic(1e-300, 1e300),
        ] {
            let ticks = scale.ticks(5);
            assert!(ticks.len() <= 21, "{scale:?}: {ticks:?}");
        }
    }
}
