//! A bump allocator for a program that ends after one command: it never frees a block.
//!
//! musl's allocator calls the kernel for each new size of block, and again when the block is free.
//! That was a quarter of the system calls of an `up`. This allocator takes blocks from a static
//! array, which needs no byte in the program's file. When the array is full, it uses the system's
//! allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The size of the array in bytes: several times what an `up` needs.
const SIZE: usize = 256 * 1024;

/// A static array, and the system's allocator for what does not fit.
#[derive(Debug)]
pub struct BumpAllocator {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: each byte is given to one caller only: `used` is advanced atomically.
unsafe impl Sync for BumpAllocator {}

impl BumpAllocator {
    /// An allocator with an empty array.
    pub const fn new() -> Self {
        Self {
            bytes: UnsafeCell::new([0; SIZE]),
            used: AtomicUsize::new(0),
        }
    }

    fn start(&self) -> usize {
        self.bytes.get() as usize
    }

    fn owns(&self, block: *mut u8) -> bool {
        (self.start()..self.start() + SIZE).contains(&(block as usize))
    }

    /// The offset of a new block in the array; `None` where the block does not fit.
    fn take(&self, layout: Layout) -> Option<usize> {
        let fits = |used: usize| {
            let begin = (self.start() + used).checked_next_multiple_of(layout.align())?;
            let end = (begin - self.start()).checked_add(layout.size())?;
            (end <= SIZE).then_some((begin - self.start(), end))
        };
        let taken = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                fits(used).map(|(_, end)| end)
            });
        taken.ok().and_then(fits).map(|(begin, _)| begin)
    }
}

// SAFETY: blocks of the array do not overlap, have the layout's alignment, and are never reused. All
// other blocks belong to the system's allocator, which also frees them.
unsafe impl GlobalAlloc for BumpAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.take(layout) {
            // SAFETY: the whole block is inside the array.
            Some(begin) => unsafe { self.bytes.get().cast::<u8>().add(begin) },
            // SAFETY: the caller fulfils the same conditions.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.owns(block) {
            // SAFETY: the block came from the system's allocator, with this layout.
            unsafe { System.dealloc(block, layout) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_and_do_not_overlap() {
        let arena = Box::new(BumpAllocator::new());
        let mut blocks: Vec<(usize, Layout)> = Vec::new();
        let mut elsewhere = 0;
        for round in 0..2000_usize {
            let layout = Layout::from_size_align(1 + round % 300, 1 << (round % 7)).unwrap();
            // SAFETY: the layout has a size. The block is freed below, and not used afterwards.
            let block = unsafe { arena.alloc(layout) };
            assert_eq!(block as usize % layout.align(), 0);
            // SAFETY: the block has that many bytes.
            unsafe { block.write_bytes(0xa5, layout.size()) };
            if arena.owns(block) {
                blocks.push((block as usize, layout));
            } else {
                elsewhere += 1;
            }
            // SAFETY: the block came from this allocator, with this layout.
            unsafe { arena.dealloc(block, layout) };
        }
        assert!(elsewhere > 0, "the array becomes full");
        for pair in blocks.windows(2) {
            let [(first, layout), (second, _)] = pair else {
                continue;
            };
            assert!(first + layout.size() <= *second);
        }
    }
}
