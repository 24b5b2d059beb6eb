//! Filling buffers from a seed: the same seed gives the same bytes, on every machine.

use abi::{DType, Fill, Role};
use half::{bf16, f16};

use super::Buffers;
use crate::random::Random;

impl Buffers {
    /// Fills every buffer whose fill is not custom. Buffer i takes stream i of `seed`.
    pub fn fill(&mut self, seed: u64) {
        for index in 0..self.declared.len() {
            let buffer = &self.declared[index];
            let (dtype, fill) = (buffer.dtype, buffer.fill);
            let bytes = self.bytes(index);
            match fill {
                Fill::Zeros => bytes.fill(0),
                Fill::Uniform { low, high } => {
                    let mut random = Random::new(seed, index as u64);
                    let mut next = || low + (high - low) * random.unit();
                    uniform(bytes, dtype, &mut next);
                }
                Fill::Custom => {}
            }
        }
    }

    /// Overwrites every output with a pattern that is NaN in floating point, so that an element never written shows.
    pub fn spoil_outputs(&mut self) {
        for index in 0..self.declared.len() {
            if self.declared[index].role == Role::Output {
                self.bytes(index).fill(0xFF);
            }
        }
    }
}

fn uniform(bytes: &mut [u8], dtype: DType, next: &mut impl FnMut() -> f64) {
    match dtype {
        DType::F32 => write(bytes, || (next() as f32).to_ne_bytes()),
        DType::F64 => write(bytes, || next().to_ne_bytes()),
        DType::F16 => write(bytes, || f16::from_f64(next()).to_ne_bytes()),
        DType::Bf16 => write(bytes, || bf16::from_f64(next()).to_ne_bytes()),
        DType::I32 => write(bytes, || (next().floor() as i32).to_ne_bytes()),
        DType::I64 => write(bytes, || (next().floor() as i64).to_ne_bytes()),
        DType::U8 => write(bytes, || (next().floor() as u8).to_ne_bytes()),
        DType::U32 => write(bytes, || (next().floor() as u32).to_ne_bytes()),
        DType::U64 => write(bytes, || (next().floor() as u64).to_ne_bytes()),
    }
}

fn write<const N: usize>(bytes: &mut [u8], mut next: impl FnMut() -> [u8; N]) {
    for element in bytes.as_chunks_mut().0 {
        *element = next();
    }
}

#[cfg(test)]
mod tests {
    use abi::Buffer;

    use super::*;

    #[test]
    fn fills_are_seeded_and_within_their_bounds() {
        for dtype in DType::ALL {
            let fill = Fill::Uniform {
                low: 1.0,
                high: 9.0,
            };
            let declared = [
                Buffer::input("a", dtype, &[1000]).filled(fill),
                Buffer::input("b", dtype, &[1000]).filled(fill),
            ];
            let contents = |seed| {
                let mut buffers = Buffers::new(&declared, |_| 0).unwrap();
                buffers.fill(seed);
                [0, 1].map(|index| buffers.values(index))
            };
            let [a, b] = contents(1);
            assert_eq!([a.clone(), b.clone()], contents(1), "{dtype:?}");
            assert_ne!([a.clone(), b.clone()], contents(2), "{dtype:?}");
            assert_ne!(a, b, "{dtype:?}");
            assert!(a.iter().all(|x| (1.0..=9.0).contains(x)), "{dtype:?}");
        }
    }
}
