//! How much of a shared object the loader maps. A file that is shorter ends the program by a bus error when the missing part is
//! touched; what lies behind, debug information above all, need not be copied.

use std::fs::File;
use std::io::{Read, Seek};

/// Where program headers are looked for: linkers put them first.
const HEAD_BYTES: u64 = 4096;

/// The end of the last loaded segment of a 64-bit little-endian ELF file; the length of anything else. Rewinds the file.
///
/// # Errors
/// Where the file cannot be read, or, of kind [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof), ends before its last segment.
pub(crate) fn loaded_bytes(file: &mut File) -> std::io::Result<u64> {
    let length = file.metadata()?.len();
    let mut head = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
    file.rewind()?;
    match loaded_end(&head) {
        Some(end) if end > length => Err(std::io::Error::new(
            std::io::ErrorKind::UnexpectedEof,
            format!("it is cut off: it has {length} bytes, and its segments end at {end}"),
        )),
        end => Ok(end.unwrap_or(length)),
    }
}

/// The end of the last loaded segment, from the first bytes of a file.
fn loaded_end(file: &[u8]) -> Option<u64> {
    const LOADED: u64 = 1;
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (first, size, count) = (
        number(file, 32, 8)?,
        number(file, 54, 2)?,
        number(file, 56, 2)?,
    );
    let mut end = first.checked_add(size.checked_mul(count)?)?;
    for index in 0..count {
        let header = usize::try_from(first + index * size).ok()?;
        if number(file, header, 4)? == LOADED {
            let (offset, bytes) = (number(file, header + 8, 8)?, number(file, header + 32, 8)?);
            end = end.max(offset.checked_add(bytes)?);
        }
    }
    Some(end)
}

/// The little-endian number of `bytes` bytes at `offset`.
fn number(file: &[u8], offset: usize, bytes: usize) -> Option<u64> {
    let field = file.get(offset..offset.checked_add(bytes)?)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with the given program headers: type, offset, bytes.
    fn elf(headers: &[(u8, u8, u8)]) -> Vec<u8> {
        let mut file = vec![0; 1000];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (file[32], file[54], file[56]) = (64, 56, headers.len() as u8);
        for (index, (kind, offset, size)) in headers.iter().enumerate() {
            let header = 64 + 56 * index;
            (file[header], file[header + 8], file[header + 32]) = (*kind, *offset, *size);
        }
        file
    }

    #[test]
    fn the_end_of_the_last_loaded_segment() {
        for (name, file, wanted) in [
            ("two segments", elf(&[(1, 0, 180), (1, 200, 40)]), Some(240)),
            (
                "one is not loaded",
                elf(&[(1, 0, 180), (4, 200, 40)]),
                Some(180),
            ),
            ("headers behind the segments", elf(&[(1, 0, 10)]), Some(120)),
            ("another format", vec![1; 100], None),
            ("nothing", Vec::new(), None),
            ("headers cut off", elf(&[(1, 0, 9)])[..70].to_vec(), None),
        ] {
            assert_eq!(loaded_end(&file), wanted, "{name}");
        }
    }

    #[test]
    fn a_file_that_is_no_library_is_taken_whole() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &[7; 10_000]).unwrap();
        file.rewind().unwrap();
        assert_eq!(loaded_bytes(&mut file).unwrap(), 10_000);
        assert_eq!(file.stream_position().unwrap(), 0);
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &elf(&[(1, 0, 180), (1, 200, 40)])[..239]).unwrap();
        file.rewind().unwrap();
        let error = loaded_bytes(&mut file).unwrap_err();
        let wanted = "it is cut off: it has 239 bytes, and its segments end at 240";
        assert_eq!(error.to_string(), wanted);
    }
}
