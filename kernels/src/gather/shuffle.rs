//! An index in random order.

/// Fills `index` with 0, 1, 2, … in an order that `seed` decides, each as likely as any other but for what a 64-bit seed can tell apart.
///
/// Fisher and Yates's shuffle (Knuth, "The Art of Computer Programming", volume 2, algorithm P), from the last place down. Numbers below a
/// bound are made without bias as Lemire does (2019, "Fast random integer generation in an interval") of the upper halves of SplitMix64's.
///
/// # Panics
/// If `index` has more than 2³² entries.
///
/// ```
/// let mut index = [0; 5];
/// kernels::gather::shuffled(1, &mut index);
/// assert_eq!(index, [1, 0, 3, 4, 2]);
/// ```
pub fn shuffled(seed: u64, index: &mut [u32]) {
    for (place, entry) in index.iter_mut().enumerate() {
        *entry = u32::try_from(place).expect("at most 2³² rows");
    }
    let mut state = seed;
    for last in (1..index.len()).rev() {
        // `last` was an entry above, so that the bound is at most 2³².
        let chosen = below(&mut state, last as u64 + 1);
        index.swap(last, chosen as usize);
    }
}

/// A number below `bound`, from 1 to 2³².
fn below(state: &mut u64, bound: u64) -> u64 {
    // Of 2³² numbers, the first so many would favour some results.
    let biased = (1 << 32) % bound;
    loop {
        let product = (split_mix(state) >> 32) * bound;
        if product & 0xffff_ffff >= biased {
            return product >> 32;
        }
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
