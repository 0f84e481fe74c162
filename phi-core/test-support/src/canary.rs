use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};

/// An allocator that counts freed blocks which still hold the canary that [`watch`] looks for.
///
/// Blocks are looked at before they go back to the system, so reading them is sound. Only the
/// watching thread's frees count: tests run side by side.
pub struct CanaryAlloc;

thread_local! {
    static CANARY: RefCell<&'static [u8]> = const { RefCell::new(&[]) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

/// Runs `f` and returns how many blocks it freed (or moved by growing) with the canary in them.
pub fn watch<R>(canary: &'static [u8], f: impl FnOnce() -> R) -> (R, usize) {
    FOUND.set(0);
    CANARY.replace(canary);
    let result = f();
    CANARY.replace(&[]);
    (result, FOUND.get())
}

/// Looks into a block of `len` bytes at `block`.
///
/// # Safety
///
/// The block must be allocated, and initialised as far as anything has written to it: bytes that
/// were never written are read too, as raw memory, and compared only.
unsafe fn look(block: *const u8, len: usize) {
    // The thread's storage is gone while it shuts down; nothing is watched then.
    let _ = CANARY.try_with(|canary| {
        let Ok(canary) = canary.try_borrow() else { return };
        if canary.is_empty() || len < canary.len() {
            return;
        }
        for start in 0..=len - canary.len() {
            let same = canary.iter().enumerate().all(|(at, want)| {
                // SAFETY: `start + at` is below `len`; a volatile read keeps the compiler from
                // reasoning about bytes that were never written.
                unsafe { block.add(start + at).read_volatile() == *want }
            });
            if same {
                let _ = FOUND.try_with(|found| found.set(found.get() + 1));
                return;
            }
        }
    });
}

// SAFETY: every call is handed on to the system's allocator unchanged; a block is only read, and
// only before it is freed.
unsafe impl GlobalAlloc for CanaryAlloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed, so that a block never shows what its memory held before it was ours.
        // SAFETY: the caller's promise is handed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is allocated until the next line.
        unsafe { look(block, layout.size()) };
        // SAFETY: the caller's promise is handed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // A block that moves leaves its old bytes behind: look first, and always move, so that a
        // growing buffer is found on every machine.
        // SAFETY: the size is the caller's, and not zero by its promise; the alignment is unchanged.
        let moved =
            unsafe { self.alloc(Layout::from_size_align_unchecked(new_size, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both blocks are allocated, apart, and at least this long.
            unsafe { block.copy_to_nonoverlapping(moved, layout.size().min(new_size)) };
            // SAFETY: the old block is the caller's to give up.
            unsafe { self.dealloc(block, layout) };
        }
        moved
    }
}
