//! Prints the man page of netsetgo, or the completions for a shell, on standard output:
//!
//! ```console
//! $ cargo run --example generate -- man > netsetgo.8
//! $ cargo run --example generate -- bash > /usr/share/bash-completion/completions/netsetgo
//! ```

mod forms;

use std::process::ExitCode;

fn main() -> ExitCode {
    let form = std::env::args().nth(1).unwrap_or_default();
    let text = match form.as_str() {
        "man" => forms::man(),
        "bash" => forms::bash(),
        "zsh" => forms::zsh(),
        "fish" => forms::fish(),
        _ => {
            eprintln!("usage: generate man|bash|zsh|fish");
            return ExitCode::from(2);
        }
    };
    print!("{text}");
    ExitCode::SUCCESS
}
