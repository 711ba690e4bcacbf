//! `netsetgo`: see the library's documentation, and `netsetgo --help`.

use netsetgo::front::cli;
use netsetgo::os::process::exit;

/// The kernel is not asked for each block.
#[global_allocator]
static HEAP: netsetgo::os::bump_allocator::BumpAllocator =
    netsetgo::os::bump_allocator::BumpAllocator::new();

fn main() {
    let mut words = Vec::new();
    for word in std::env::args_os().skip(1) {
        match word.into_string() {
            Ok(word) => words.push(word),
            // A name that is changed on the way would be another one's.
            Err(word) => exit(cli::no_words(&word)),
        }
    }
    exit(cli::main(&words));
}
