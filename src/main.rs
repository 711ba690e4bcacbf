//! The program `netsetgo`: see the library's documentation, and `netsetgo --help`.

use netsetgo::front::cli;
use netsetgo::os::process::{exit, set_signal_actions};

// glibc's allocator makes few system calls. The tests of the module run there too.
#[cfg(any(target_env = "musl", test))]
#[allow(unsafe_code)]
mod bump_allocator;

/// Serves allocations from a static array, so that the kernel is not called for each.
#[cfg(target_env = "musl")]
#[global_allocator]
static HEAP: bump_allocator::BumpAllocator = bump_allocator::BumpAllocator::new();

fn main() {
    set_signal_actions();
    let mut arguments = Vec::new();
    for argument in std::env::args_os().skip(1) {
        match argument.into_string() {
            Ok(argument) => arguments.push(argument),
            // A lossy conversion could turn one name into another.
            Err(argument) => exit(cli::reject_argument(&argument).status()),
        }
    }
    exit(cli::main(&arguments).status());
}
