//! Seeded data and comparisons.

use kernels::Element;

/// The numbers of splitmix64, mapped to (-1, 1).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit<T: Element>(&mut self) -> T {
        // 53 bits, one of them the sign, scaled to (-1, 1).
        T::from_f64((self.bits() >> 11) as f64 * 2f64.powi(-52) - 1.0)
    }

    pub(crate) fn vector<T: Element>(&mut self, len: usize) -> Vec<T> {
        (0..len).map(|_| self.unit()).collect()
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.bits() % bound as u64) as usize
    }
}

/// Values that IEEE arithmetic treats apart, with ordinary ones among them.
pub(crate) fn specials<T: Element>() -> Vec<T> {
    let smallest_normal = if T::DTYPE == "f32" {
        f64::from(f32::MIN_POSITIVE)
    } else {
        f64::MIN_POSITIVE
    };
    let values = [
        0.0,
        -0.0,
        1.0,
        -2.5,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        smallest_normal,
    ];
    let subnormal = [smallest_normal / 4.0, -smallest_normal / 1024.0];
    values
        .into_iter()
        .chain(subnormal)
        .map(T::from_f64)
        .collect()
}

/// Same value, where all NaN are one and zeros keep their sign.
pub(crate) fn same<T: Element>(a: T, b: T) -> bool {
    let (a, b) = (a.to_f64(), b.to_f64());
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Runs a generic test for both element types.
macro_rules! for_each_element {
    ($($test:ident),* $(,)?) => {
        mod f32 { $(#[test] fn $test() { super::$test::<f32>(); })* }
        mod f64 { $(#[test] fn $test() { super::$test::<f64>(); })* }
    };
}
pub(crate) use for_each_element;
