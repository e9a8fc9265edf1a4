// SPDX-License-Identifier: MIT
// Decodes the packets that stand on standard input, one a line, through the C library.
// Build: rustc decode_packets.rs -l netcon
use std::ffi::{c_char, c_int, CStr};
use std::io::{self, BufRead};

#[repr(C)]
#[derive(Clone, Copy)]
struct Text {
    data: *const u8,
    size: usize,
}

impl Text {
    fn of(bytes: &[u8]) -> Text {
        Text { data: bytes.as_ptr(), size: bytes.len() }
    }
    /// The bytes must still be there: texts of a record point into its packet.
    unsafe fn show(&self) -> String {
        if self.size == 0 {
            return String::new();
        }
        String::from_utf8_lossy(std::slice::from_raw_parts(self.data, self.size)).into_owned()
    }
}

#[repr(C)]
struct Problem {
    size: usize,
    code: u32,
    begin: u32,
    end: u32,
    name: *const c_char,
    message: *const c_char,
    hint: *const c_char,
}

#[repr(C)]
struct Record {
    size: usize,
    extended: u8,
    replayed: u8,
    level: u8,
    facility: u8,
    flag: c_char,
    is_fragment: u8,
    reserved: u16,
    sequence: u64,
    timestamp_us: u64,
    fragment_offset: u32,
    fragment_total: u32,
    release: Text,
    caller: Text,
    text: Text,
    dictionary: Text,
    body: Text,
}

extern "C" {
    fn netcon_decode(packet: Text, record: *mut Record, problem: *mut Problem) -> c_int;
    fn netcon_next_entry(lines: *mut Text, key: *mut Text, value: *mut Text) -> c_int;
}

fn main() {
    for line in io::stdin().lock().split(b'\n') {
        let packet = line.expect("standard input can be read");
        // All zero is a valid value of both.
        let mut record: Record = unsafe { std::mem::zeroed() };
        let mut problem: Problem = unsafe { std::mem::zeroed() };
        record.size = std::mem::size_of::<Record>();
        problem.size = std::mem::size_of::<Problem>();
        unsafe {
            if netcon_decode(Text::of(&packet), &mut record, &mut problem) != 0 {
                println!("refused: {}", CStr::from_ptr(problem.message).to_string_lossy());
                continue;
            }
            if record.extended == 0 {
                println!("basic: {}", record.text.show());
                continue;
            }
            println!("{} level {}: {}", record.sequence, record.level, record.text.show());
            let (mut key, mut value) = (Text::of(b""), Text::of(b""));
            while netcon_next_entry(&mut record.dictionary, &mut key, &mut value) == 1 {
                println!("  {} = {}", key.show(), value.show());
            }
        }
    }
}
