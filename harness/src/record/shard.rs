//! A part of what was chosen: i of n.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use super::SelectionError;

/// Part `part` of `parts`, from 1. Every benchmark is in one part; parts differ by one benchmark at most, and may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    part: u32,
    parts: u32,
}

impl Shard {
    /// Those of the names that belong to it.
    ///
    /// They are dealt out in the order of a hash: neighbours in a suite are sizes of one operation, and dealt out as they
    /// stand, one part could get all large ones.
    pub fn names<'a>(&self, chosen: &'a [String]) -> HashSet<&'a str> {
        let mut dealt: Vec<&str> = chosen.iter().map(String::as_str).collect();
        dealt.sort_by_key(|name| (hash(name), *name));
        dealt.dedup();
        let (first, step) = (self.part as usize - 1, self.parts as usize);
        dealt.into_iter().skip(first).step_by(step).collect()
    }
}

impl FromStr for Shard {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, SelectionError> {
        let numbers = text
            .split_once('/')
            .and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)));
        match numbers {
            Some((part, parts)) if 1 <= part && part <= parts => Ok(Shard { part, parts }),
            _ => Err(SelectionError::Shard(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.part, self.parts)
    }
}

/// FNV-1a, the same on every machine.
fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_benchmark_is_in_one_part_and_parts_are_alike() {
        for count in [0, 1, 2, 7, 60, 1000] {
            let chosen: Vec<String> = (0..count).map(|i| format!("größe_{i}")).collect();
            for parts in [1, 2, 3, 7, 64, 1001] {
                let shard = |part| Shard { part, parts };
                let dealt: Vec<_> = (1..=parts).map(|part| shard(part).names(&chosen)).collect();
                let all: HashSet<&str> = dealt.iter().flatten().copied().collect();
                let what = format!("{count} in {parts}");
                let sizes = || dealt.iter().map(HashSet::len);
                assert_eq!(all.len(), count, "{what}");
                assert_eq!(sizes().sum::<usize>(), count, "{what}");
                assert!(
                    sizes().max().unwrap() - sizes().min().unwrap() <= 1,
                    "{what}"
                );
            }
        }
    }

    #[test]
    fn the_hash_is_that_of_its_authors() {
        // Test vectors of Fowler, Noll and Vo. Another hash would deal out otherwise than the shards of older records.
        let table = [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ];
        for (name, expected) in table {
            assert_eq!(hash(name), expected, "{name}");
        }
    }

    #[test]
    fn sizes_of_an_operation_are_not_dealt_to_one_part() {
        let sizes = ["small", "medium", "large"];
        let chosen: Vec<String> = (0..20)
            .flat_map(|i| sizes.map(|size| format!("op{i}_{size}")))
            .collect();
        for part in 1..=3 {
            let shard = Shard { part, parts: 3 };
            let large = shard.names(&chosen);
            let large = large.iter().filter(|name| name.ends_with("large")).count();
            assert!(
                (3..=11).contains(&large),
                "{large} of 20 large ones in {shard}"
            );
        }
    }

    #[test]
    fn a_part_is_written_as_it_is_read() {
        for text in ["1/1", "2/3", "4294967295/4294967295"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        let malformed = [
            "",
            "1",
            "0/3",
            "4/3",
            "1/0",
            "-1/2",
            "1/2/3",
            "a/b",
            "1/99999999999",
        ];
        for text in malformed {
            let error = text.parse::<Shard>().unwrap_err();
            assert_eq!(error.field(), "shard", "{text:?}");
        }
    }
}
