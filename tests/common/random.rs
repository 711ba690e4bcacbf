//! Random numbers that a failed test can repeat.

use std::sync::Mutex;

/// A generator of numbers (xorshift64). One seed always gives the same numbers.
pub struct Random(Mutex<u64>);

impl Random {
    /// Takes the seed from NETSETGO_SEED, or else from the clock, and prints it. The test harness
    /// shows what a failed test printed.
    pub fn new() -> Self {
        let seed = std::env::var("NETSETGO_SEED").map_or_else(
            |_| from_clock(),
            |seed| seed.parse().expect("NETSETGO_SEED is a number"),
        );
        println!("seed: NETSETGO_SEED={seed}");
        // xorshift never leaves zero.
        Self(Mutex::new(seed.max(1)))
    }

    /// The next number, from 0 to `end` - 1.
    pub fn below(&self, end: u64) -> u64 {
        let mut state = self.0.lock().expect("no thread panicked with the lock");
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % end
    }
}

fn from_clock() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.expect("the clock is after 1970");
    // Without a mix, seeds of one second would differ in a few low bits only.
    (u64::from(now.subsec_nanos()) ^ now.as_secs()).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
