//! Holding what a benchmark left in its buffers against its reference.

use abi::{DType, Role};
use half::{bf16, f16};

use super::Buffers;

/// The first element that differs by more than the tolerance.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "wrong result: element {index} of buffer '{buffer}' is {value}, the reference says {expected} \
     (error {error:.3e}, allowed {allowed:.3e})"
)]
pub struct Mismatch {
    /// The buffer's name.
    pub buffer: String,
    /// The element, counted row-major.
    pub index: usize,
    /// What the benchmark left.
    pub value: f64,
    /// What the reference says.
    pub expected: f64,
    /// The distance between them.
    pub error: f64,
    /// The distance that is allowed.
    pub allowed: f64,
}

impl Buffers {
    /// Room for what a reference expects: the elements of outputs and in-out buffers, none for inputs.
    pub fn expected(&self) -> Vec<Vec<f64>> {
        self.declared
            .iter()
            .map(|buffer| match buffer.role {
                Role::Input => Vec::new(),
                Role::Output | Role::InOut => vec![0.0; buffer.shape.iter().product()],
            })
            .collect()
    }

    /// Holds every output and in-out buffer against `expected`.
    ///
    /// An element may differ by `tolerance` times the largest finite magnitude expected in its buffer. NaN must meet NaN, and an infinity itself.
    ///
    /// # Errors
    /// The first element that differs by more.
    pub fn check(&mut self, expected: &[Vec<f64>], tolerance: f64) -> Result<(), Mismatch> {
        for (position, expected) in expected.iter().enumerate() {
            if self.declared[position].role == Role::Input {
                continue;
            }
            let values = self.values(position);
            let largest = expected
                .iter()
                .filter(|x| x.is_finite())
                .fold(0.0, |largest: f64, x| largest.max(x.abs()));
            let allowed = tolerance * largest;
            for (index, (&value, &expected)) in values.iter().zip(expected).enumerate() {
                if !agrees(value, expected, allowed) {
                    return Err(Mismatch {
                        buffer: self.declared[position].name.clone(),
                        index,
                        value,
                        expected,
                        error: (value - expected).abs(),
                        allowed,
                    });
                }
            }
        }
        Ok(())
    }

    /// The elements of a buffer as f64.
    pub(super) fn values(&mut self, index: usize) -> Vec<f64> {
        let dtype = self.declared[index].dtype;
        let bytes = self.bytes(index);
        match dtype {
            DType::F32 => read(bytes, |x| f64::from(f32::from_ne_bytes(x))),
            DType::F64 => read(bytes, f64::from_ne_bytes),
            DType::F16 => read(bytes, |x| f16::from_ne_bytes(x).to_f64()),
            DType::Bf16 => read(bytes, |x| bf16::from_ne_bytes(x).to_f64()),
            DType::I32 => read(bytes, |x| f64::from(i32::from_ne_bytes(x))),
            DType::I64 => read(bytes, |x| i64::from_ne_bytes(x) as f64),
            DType::U8 => read(bytes, |x| f64::from(u8::from_ne_bytes(x))),
            DType::U32 => read(bytes, |x| f64::from(u32::from_ne_bytes(x))),
            DType::U64 => read(bytes, |x| u64::from_ne_bytes(x) as f64),
        }
    }
}

fn agrees(value: f64, expected: f64, allowed: f64) -> bool {
    if expected.is_finite() {
        (value - expected).abs() <= allowed
    } else {
        value == expected || (value.is_nan() && expected.is_nan())
    }
}

fn read<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|&x| number(x)).collect()
}

#[cfg(test)]
mod tests {
    use abi::Buffer;

    use super::*;

    #[test]
    fn elements_agree_within_the_tolerance_and_in_kind() {
        let (nan, inf) = (f64::NAN, f64::INFINITY);
        let table = [
            (1.0, 1.0, 0.0, true),
            (1.0, 1.1, 0.1001, true),
            (1.0, 1.1, 0.0999, false),
            (nan, nan, 0.0, true),
            (nan, 1.0, 9.0, false),
            (1.0, nan, 9.0, false),
            (inf, inf, 0.0, true),
            (inf, -inf, 9.0, false),
            (inf, 1.0, inf, false),
            (0.0, -0.0, 0.0, true),
        ];
        for (value, expected, allowed, agree) in table {
            // An infinite allowance never arises: the largest magnitude is taken over finite values.
            let allowed = if allowed == inf { f64::MAX } else { allowed };
            assert_eq!(
                agrees(value, expected, allowed),
                agree,
                "{value} {expected}"
            );
        }
    }

    #[test]
    fn a_wrong_element_is_named() {
        let declared = [
            Buffer::input("a", DType::F32, &[2]),
            Buffer::output("c", DType::F32, &[2, 2]),
        ];
        let mut buffers = Buffers::new(&declared, |_| 0).unwrap();
        buffers.fill(1);
        assert_eq!(buffers.expected(), [vec![], vec![0.0; 4]]);
        buffers.check(&[vec![], vec![0.0; 4]], 0.0).unwrap();
        let wrong = buffers
            .check(&[vec![], vec![0.0, 0.0, 2.0, 0.0]], 0.5)
            .unwrap_err();
        assert_eq!((wrong.index, wrong.expected, wrong.allowed), (2, 2.0, 1.0));
    }
}
