//! The program `netsetgo`: see the library's documentation, and `netsetgo --help`.

use netsetgo::front::cli;
use netsetgo::os::process::exit;

/// Serves allocations from one block, so that the kernel is not called for each.
#[global_allocator]
static HEAP: netsetgo::os::bump_allocator::BumpAllocator =
    netsetgo::os::bump_allocator::BumpAllocator::new();

fn main() {
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
