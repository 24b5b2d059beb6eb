//! What of this CPU decides between ways to write a kernel, beside its instruction sets; looked up once.

use std::sync::OnceLock;

use raw_cpuid::{CacheType, CpuId, cpuid};

/// The name of implementations for CPUs that [halve vectors](halves_vectors): of 256 bits where a loop does little but load and store.
///
/// Fewer of those cross a line of the cache, and data of the level-3 cache arrive up to a twentieth faster. In loops that compute, 512 bits are
/// still one instruction instead of two.
pub(crate) const HALVED: &str = "avx512-256";

/// Whether vectors of 512 bits are computed and stored in two halves, as on Zen 4.
pub(crate) fn halves_vectors() -> bool {
    static HALVES: OnceLock<bool> = OnceLock::new();
    *HALVES.get_or_init(|| {
        // AMD's "performance optimization identifiers"; others have none.
        let info = CpuId::new().get_performance_optimization_info();
        let is_512_wide = || cpuid!(0x8000_001a).eax & (1 << 3) != 0;
        info.is_some_and(|info| info.has_fp256()) && !is_512_wide()
    })
}

/// Bytes of the level-1 data cache; 32 KiB, as most have, where the CPU does not say.
pub(crate) fn level_1_bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        let mut caches = CpuId::new().get_cache_parameters().into_iter().flatten();
        let data = caches.find(|cache| cache.level() == 1 && cache.cache_type() == CacheType::Data);
        data.map_or(32 << 10, |cache| {
            cache.sets()
                * cache.associativity()
                * cache.physical_line_partitions()
                * cache.coherency_line_size()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Isa, activation, add};

    #[test]
    fn implementations_for_cpus_that_halve_vectors_are_selected_there_alone() {
        let expected = halves_vectors() && Isa::Avx512.is_supported();
        let names = [
            add::selected::<f32>().name(),
            add::selected::<f64>().name(),
            activation::selected().name(),
        ];
        assert_eq!(names.map(|name| name == HALVED), [expected; 3]);
    }

    #[test]
    fn a_level_1_cache_is_of_some_size() {
        assert!((8 << 10..=1 << 20).contains(&level_1_bytes()));
    }
}
