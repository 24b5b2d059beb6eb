//! Conversion to and from 16 bits: every implementation gives the bits of the crate `half`.

use half::{bf16, f16};
use kernels::Error;
use kernels::convert::{Format, Implementation, implementations};

use crate::support::Random;

const FORMATS: [Format; 2] = [Format::F16, Format::Bf16];
const LENGTHS: [usize; 11] = [0, 1, 7, 8, 9, 15, 16, 17, 33, 64, 1000];

fn supported() -> impl Iterator<Item = &'static Implementation> {
    implementations()
        .iter()
        .filter(|implementation| implementation.is_supported())
}

fn narrowed(format: Format, x: f32) -> u16 {
    match format {
        Format::F16 => f16::from_f32(x).to_bits(),
        Format::Bf16 => bf16::from_f32(x).to_bits(),
    }
}

fn widened(format: Format, x: u16) -> f32 {
    match format {
        Format::F16 => f16::from_bits(x).to_f32(),
        Format::Bf16 => bf16::from_bits(x).to_f32(),
    }
}

#[track_caller]
fn assert_narrowed(format: Format, x: &[f32]) {
    for implementation in supported() {
        let mut out = vec![0xdead; x.len()];
        implementation.narrow(format, x, &mut out).unwrap();
        for (x, out) in x.iter().zip(out) {
            let expected = narrowed(format, *x);
            assert_eq!(
                out,
                expected,
                "{} {format:?} {x:e} ({:#010x}): {out:#06x} instead of {expected:#06x}",
                implementation.name(),
                x.to_bits()
            );
        }
    }
}

#[test]
fn every_number_of_16_bits_is_widened() {
    let all: Vec<u16> = (0..=u16::MAX).collect();
    for (format, implementation) in FORMATS
        .into_iter()
        .flat_map(|format| supported().map(move |row| (format, row)))
    {
        let mut out = vec![0.0; all.len()];
        implementation.widen(format, &all, &mut out).unwrap();
        for (x, out) in all.iter().zip(out) {
            assert_eq!(
                out.to_bits(),
                widened(format, *x).to_bits(),
                "{} {format:?} {x:#06x}",
                implementation.name()
            );
        }
    }
}

/// Each number of 16 bits, what lies half-way to the next, and the neighbours of both: where rounding turns, NaN and infinities included.
#[test]
fn every_turn_of_rounding_is_taken() {
    for format in FORMATS {
        let around = |bits: u32| [bits.wrapping_sub(1), bits, bits.wrapping_add(1)];
        let turns = (0..=u16::MAX).flat_map(|x| {
            let here = widened(format, x).to_bits();
            let half = match format {
                Format::F16 => 1 << 12,
                Format::Bf16 => 1 << 15,
            };
            [here, here.wrapping_add(half)].into_iter().flat_map(around)
        });
        // Half-way between subnormal `f16`: odd multiples of 2⁻²⁵.
        let subnormal = (0..2100).flat_map(|i| around((i as f32 * 2f32.powi(-25)).to_bits()));
        let edges = [0x7f80_0001, 0xffbf_ffff, 1, 0x8000_0001, 0x7f7f_ffff];
        let x: Vec<f32> = turns
            .chain(subnormal)
            .chain(edges)
            .map(f32::from_bits)
            .collect();
        assert_narrowed(format, &x);
    }
}

#[test]
fn random_bits_are_narrowed() {
    let mut random = Random(3);
    let x: Vec<f32> = (0..200_000)
        .map(|_| f32::from_bits(random.bits() as u32))
        .collect();
    for format in FORMATS {
        assert_narrowed(format, &x);
    }
}

/// All 2³² of them: `cargo test --release -p kernels --test kernels -- --ignored every_f32`.
#[test]
#[ignore = "takes minutes"]
fn every_f32_is_narrowed() {
    for (format, high) in FORMATS
        .into_iter()
        .flat_map(|format| (0..1u32 << 12).map(move |high| (format, high)))
    {
        let x: Vec<f32> = (0..1 << 20)
            .map(|low| f32::from_bits(high << 20 | low))
            .collect();
        assert_narrowed(format, &x);
    }
}

#[test]
fn ends_and_offsets_are_kept() {
    let mut random = Random(4);
    for (format, implementation) in FORMATS
        .into_iter()
        .flat_map(|format| supported().map(move |row| (format, row)))
    {
        for (len, offset) in LENGTHS
            .into_iter()
            .flat_map(|len| [0, 1, 3].map(|offset| (len, offset)))
        {
            let row = format!(
                "{} {format:?} len {len} offset {offset}",
                implementation.name()
            );
            let x: Vec<f32> = random.vector(len + offset);
            let x = &x[offset..];
            let mut halves = vec![0xbeef; len + offset + 1];
            implementation
                .narrow(format, x, &mut halves[offset..][..len])
                .unwrap();
            let expected: Vec<u16> = x.iter().map(|x| narrowed(format, *x)).collect();
            assert_eq!(halves[offset..][..len], expected, "{row}");
            let untouched = halves[..offset].iter().chain(&halves[offset + len..]);
            assert!(untouched.into_iter().all(|x| *x == 0xbeef), "{row}");
            let mut singles = vec![7.0; len + offset + 1];
            implementation
                .widen(format, &expected, &mut singles[offset..][..len])
                .unwrap();
            let back: Vec<f32> = expected.iter().map(|x| widened(format, *x)).collect();
            assert_eq!(singles[offset..][..len], back, "{row}");
            let untouched = singles[..offset].iter().chain(&singles[offset + len..]);
            assert!(untouched.into_iter().all(|x| *x == 7.0), "{row}");
        }
    }
}

#[test]
fn lengths_must_agree() {
    for implementation in supported() {
        let expected = Error::Length {
            operand: "out",
            expected: 2,
            actual: 3,
        };
        let narrow = implementation.narrow(Format::F16, &[0.0; 2], &mut [0; 3]);
        assert_eq!(
            narrow,
            Err(expected.clone()),
            "{} narrow",
            implementation.name()
        );
        let widen = implementation.widen(Format::Bf16, &[0; 2], &mut [0.0; 3]);
        assert_eq!(widen, Err(expected), "{} widen", implementation.name());
    }
}
