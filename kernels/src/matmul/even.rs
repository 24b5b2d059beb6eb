//! Division of work into parts of even size.

/// A whole in parts that differ by one at most, for a last part of one would leave multipliers or threads idle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Even {
    pub(super) parts: usize,
    size: usize,
    /// So many parts, the first ones, are larger by one.
    larger: usize,
}

impl Even {
    /// The fewest parts that are no larger than `largest`.
    #[inline(always)]
    pub(super) fn new(total: usize, largest: usize) -> Even {
        if total <= largest {
            return Even {
                parts: usize::from(total > 0),
                size: total,
                larger: 0,
            };
        }
        let parts = total.div_ceil(largest);
        Even {
            parts,
            size: total / parts,
            larger: total % parts,
        }
    }

    /// Where a part begins.
    #[inline(always)]
    pub(super) fn start(&self, part: usize) -> usize {
        part * self.size + part.min(self.larger)
    }

    /// How many parts, from this one on, are as large as it.
    #[inline(always)]
    pub(super) fn alike(&self, part: usize) -> usize {
        if part < self.larger {
            self.larger - part
        } else {
            self.parts - part
        }
    }

    /// How large it is.
    #[inline(always)]
    pub(super) fn size(&self, part: usize) -> usize {
        self.size + usize::from(part < self.larger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_the_whole_once() {
        for (total, largest) in
            (0..50).flat_map(|total| (1..12).map(move |largest| (total, largest)))
        {
            let even = Even::new(total, largest);
            let sizes: Vec<_> = (0..even.parts).map(|part| even.size(part)).collect();
            assert_eq!(sizes.iter().sum::<usize>(), total, "{total} by {largest}");
            assert_eq!(even.parts, total.div_ceil(largest), "{total} by {largest}");
            for part in 0..even.parts {
                assert_eq!(
                    even.start(part),
                    sizes[..part].iter().sum(),
                    "{total} by {largest}, part {part}"
                );
                let alike = sizes[part..]
                    .iter()
                    .take_while(|size| **size == sizes[part]);
                assert_eq!(even.alike(part), alike.count(), "{total} by {largest}");
                assert!(
                    (1..=largest).contains(&sizes[part]),
                    "{total} by {largest}: {sizes:?}"
                );
                assert!(
                    sizes[0] - sizes[part] <= 1,
                    "{total} by {largest}: {sizes:?}"
                );
            }
        }
    }
}
