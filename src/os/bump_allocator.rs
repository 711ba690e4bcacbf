//! Memory for a program that lives a millisecond: it is given, and not taken back.
//!
//! A general allocator asks the kernel for each new size of block, and gives it back when the
//! block is free: with musl that was a quarter of all the system calls of an `up`. Here blocks are
//! cut off an arena that is part of the program (zero bytes in its file); what does not fit any
//! more goes to the general allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Several times what an `up` needs.
const SIZE: usize = 256 * 1024;

/// An arena, and behind it the system's allocator.
#[derive(Debug)]
pub struct BumpAllocator {
    bytes: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: bytes are only handed out, and each by one thread: `used` says which are left.
unsafe impl Sync for BumpAllocator {}

impl BumpAllocator {
    /// Nothing of it is used.
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

    /// Where a block of this layout begins in the arena, from its start; `None` where it is full.
    fn cut(&self, layout: Layout) -> Option<usize> {
        let fits = |used: usize| {
            let begin = (self.start() + used).checked_next_multiple_of(layout.align())?;
            let end = (begin - self.start()).checked_add(layout.size())?;
            (end <= SIZE).then_some((begin - self.start(), end))
        };
        let cut = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                fits(used).map(|(_, end)| end)
            });
        cut.ok().and_then(fits).map(|(begin, _)| begin)
    }
}

impl Default for BumpAllocator {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: blocks of the arena do not overlap, have the layout's alignment, and stay for ever; all
// other blocks are the system's, and go back to it.
unsafe impl GlobalAlloc for BumpAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.cut(layout) {
            // SAFETY: the whole block is within the arena.
            Some(begin) => unsafe { self.bytes.get().cast::<u8>().add(begin) },
            // SAFETY: the caller's promises are passed on.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if !self.owns(block) {
            // SAFETY: what is not the arena's came from the system, with this layout.
            unsafe { System.dealloc(block, layout) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_aligned_apart_and_then_the_systems() {
        let arena = Box::new(BumpAllocator::new());
        let mut blocks: Vec<(usize, Layout)> = Vec::new();
        let mut elsewhere = 0;
        for round in 0..2000_usize {
            let layout = Layout::from_size_align(1 + round % 300, 1 << (round % 7)).unwrap();
            // SAFETY: the layout has a size; the block is given back below, and not used after.
            let block = unsafe { arena.alloc(layout) };
            assert_eq!(block as usize % layout.align(), 0);
            // SAFETY: the block has that many bytes.
            unsafe { block.write_bytes(0xa5, layout.size()) };
            if arena.owns(block) {
                blocks.push((block as usize, layout));
            } else {
                elsewhere += 1;
            }
            // SAFETY: it is of this allocator and this layout.
            unsafe { arena.dealloc(block, layout) };
        }
        assert!(elsewhere > 0, "the arena ends some time");
        for pair in blocks.windows(2) {
            let [(first, layout), (second, _)] = pair else {
                continue;
            };
            assert!(first + layout.size() <= *second);
        }
    }
}
