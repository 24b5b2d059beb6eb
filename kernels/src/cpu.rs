//! What of this CPU decides between ways to write a kernel, beside its instruction sets; looked up once.

use std::sync::OnceLock;

use raw_cpuid::{CacheParameter, CacheType, CpuId, cpuid};

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

/// Bytes of the level-2 cache; 1 MiB where the CPU does not say.
#[inline]
pub(crate) fn level_2_bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| data_cache(2).map_or(1 << 20, |cache| bytes(&cache)))
}

/// Bytes of the level-3 cache for each thread that shares it; 0 where the CPU has none, or does not say.
#[inline]
pub(crate) fn level_3_share_bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        data_cache(3).map_or(0, |cache| bytes(&cache) / cache.max_cores_for_cache())
    })
}

fn data_cache(level: u8) -> Option<CacheParameter> {
    let mut caches = CpuId::new().get_cache_parameters()?;
    caches.find(|cache| cache.level() == level && cache.cache_type() != CacheType::Instruction)
}

fn bytes(cache: &CacheParameter) -> usize {
    cache.sets()
        * cache.associativity()
        * cache.physical_line_partitions()
        * cache.coherency_line_size()
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
    fn caches_are_of_some_size() {
        assert!((128 << 10..=64 << 20).contains(&level_2_bytes()));
        assert!(level_3_share_bytes() <= 1 << 30);
    }
}
