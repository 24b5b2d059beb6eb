//! Which instruction sets this machine can run.
//!
//! A feature counts only if the CPU reports it and the operating system saves its registers
//! (`is_x86_feature_detected!` asks XGETBV). AVX2 without FMA, and AVX without XSAVE, therefore
//! take the portable path.

use std::fmt;
use std::sync::OnceLock;

/// An instruction set that kernels are written for, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Isa {
    /// What every x86_64 has: SSE2, 128-bit vectors, no fused multiply-add.
    Portable,
    /// AVX2, FMA and F16C, as every CPU with the first two has: 256-bit vectors, conversion of half precision.
    Avx2,
    /// AVX-512 F, VL, DQ and BW: 512-bit vectors and masks.
    Avx512,
}

/// Looks up each feature and keeps its name beside the answer.
macro_rules! features {
    ($($name:tt),*) => { [$(($name, is_x86_feature_detected!($name))),*] };
}

impl Isa {
    /// Every instruction set, widest first.
    pub const ALL: [Isa; 3] = [Isa::Avx512, Isa::Avx2, Isa::Portable];

    /// The widest instruction set that this machine supports; looked up once.
    #[inline]
    pub fn widest() -> Isa {
        static WIDEST: OnceLock<Isa> = OnceLock::new();
        *WIDEST.get_or_init(|| {
            let widest = Isa::ALL.into_iter().find(|isa| isa.missing().is_none());
            widest.unwrap_or(Isa::Portable)
        })
    }

    /// Whether CPU and operating system both support it. Each set contains the narrower ones.
    #[inline]
    pub fn is_supported(self) -> bool {
        self <= Isa::widest()
    }

    /// The first feature that this machine lacks, or `None` if it lacks none.
    pub fn missing(self) -> Option<&'static str> {
        let first_absent = |features: &[(&'static str, bool)]| {
            features
                .iter()
                .find(|(_, present)| !present)
                .map(|(name, _)| *name)
        };
        match self {
            Isa::Portable => None,
            Isa::Avx2 => first_absent(&features!("avx2", "fma", "f16c")),
            Isa::Avx512 => first_absent(&features!(
                "avx2", "fma", "f16c", "avx512f", "avx512vl", "avx512dq", "avx512bw"
            )),
        }
    }

    /// Width of a vector register in bits.
    pub fn vector_bits(self) -> usize {
        match self {
            Isa::Portable => 128,
            Isa::Avx2 => 256,
            Isa::Avx512 => 512,
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Isa::Portable => "portable",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_is_supported_and_nothing_wider_is() {
        let widest = Isa::widest();
        for isa in Isa::ALL {
            assert_eq!(
                isa.is_supported(),
                isa.missing().is_none(),
                "{isa}, widest {widest}"
            );
        }
    }

    #[test]
    fn names_pad_like_strings() {
        assert_eq!(format!("[{:>9}]", Isa::Avx2), "[     avx2]");
    }
}
