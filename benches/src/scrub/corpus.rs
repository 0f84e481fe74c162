//! Texts to read: log bodies without PHI, and with. All are made here, from a counter; no value is a person's.

/// Bodies of log lines as services write them, without PHI; a file named by `PHI_LOG_CORPUS` takes their place.
#[must_use]
pub fn clean(lines: usize) -> Vec<String> {
    if let Some(text) = std::env::var_os("PHI_LOG_CORPUS").and_then(|path| std::fs::read(path).ok())
    {
        return String::from_utf8_lossy(&text).lines().map(str::to_owned).collect();
    }
    (0..lines).map(clean_line).collect()
}

/// One round of numbers that look random and are not.
const fn mixed(number: usize, salt: usize) -> usize {
    let mut value = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(salt);
    value ^= value >> 29;
    value = value.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value ^ (value >> 32)
}

fn clean_line(number: usize) -> String {
    let of = |salt: usize, most: usize| mixed(number, salt) % most;
    let (a, b, c, d) = (of(1, 100_000), of(2, 1_000), of(3, 64), of(4, usize::MAX));
    match number % 16 {
        0 => format!("Receiving block blk_{d} src: /worker-{c}:{a} dest: /worker-{b}:50010"),
        1 => format!("PacketResponder {c} for block blk_{d} terminating"),
        2 => {
            format!("request completed method=GET path=/api/v1/rooms/{c} status=200 latency_ms={b}")
        }
        3 => format!("jk2_init() Found child {a} in scoreboard slot {c}"),
        4 => "workerEnv.init() ok /etc/httpd/conf/workers2.properties".to_owned(),
        5 => format!(
            "generating core.{b}, {c} L3 EDRAM error(s) (dcr 0x{a:04x}) detected and corrected"
        ),
        6 => format!(
            "Starting task {c}.0 in stage {b}.0 (TID {a}, worker-{c}, partition {b}, ANY, {a} bytes)"
        ),
        7 => "Connection broken for id {}, my id = {}, error =".replace("{}", &c.to_string()),
        8 => format!("pam_unix(cron:session): session opened for user root by (uid={c})"),
        9 => format!(
            "acquire lock={a}, flags=0x{b:x}, tag=\"View Lock\", name=android, ws=null, uid=10{b:03}"
        ),
        10 => format!(
            "CBS    Loaded Servicing Stack v6.1.7601.{a} with Core: C:\\Windows\\winsxs\\amd{c}"
        ),
        11 => format!(
            "onStandStepChanged {b}; getTodayTotalDetailSteps = 15138{a:05}##{b}##548365##86{c:02}##12{b:03}"
        ),
        12 => format!(
            "[instance: {d:016x}-{b:04}] VM Started (Lifecycle Event), took {c}.{b:02} seconds to build"
        ),
        13 => format!(
            "kernel: ACPI: Processor [CPU{c}] (supports {b} throttling states), total {a} kB"
        ),
        14 => format!(
            "thread 'tokio-runtime-worker' pool::acquire: waited {b} us, {c} idle of 64 connections"
        ),
        _ => format!(
            "compaction of level {c} finished: {a} keys in, {b} keys out, {c} tables, ratio {c}.{b}"
        ),
    }
}

/// Lines with synthetic PHI in the forms that the rules of the baseline know.
#[must_use]
pub fn phi(lines: usize) -> Vec<String> {
    (0..lines).map(phi_line).collect()
}

fn phi_line(number: usize) -> String {
    let of = |salt: usize, most: usize| mixed(number, salt) % most;
    let (a, b, c, d) = (of(1, 900) + 100, of(2, 90) + 10, of(3, 9_000) + 1_000, of(4, 12) + 1);
    match number % 16 {
        0 => format!("patient called from ({a}) 555-{c} about the bill"),
        1 => format!("SSN {a}-{b}-{c} does not match"),
        2 => format!("mail to ada.{c}@clinic-{b}.example failed: mailbox full"),
        3 => format!("card 4111 1111 1111 1111 declined, code {b}"),
        4 => format!("login from 10.{b}.{d}.{b} after {c} ms"),
        5 => format!("device 00:1b:44:11:{b}:{b} joined"),
        6 => format!("GET https://portal.example/visits/{c}?room={d} 200"),
        7 => format!("DOB: {d}/{d}/19{b} corrected"),
        8 => format!("admitted: 2024-03-{:02} to ward {d}", b % 28 + 1),
        9 => format!("MBI 1EG4-TE5-MK{b} not eligible"),
        10 => format!("NPI: 1{a}{b}{c} unknown to the registry"),
        11 => format!("MRN: A{c}{b} merged into MRN {c}{a}"),
        12 => format!("member id XY{c}{b} lapsed, policy of 92-year-old"),
        13 => format!("VIN 1HGCM82633A004352 and DEA AB1234563, account number {c}{b}"),
        14 => format!("passport number X{c}{a}{d} and driver's license D{c}{a}"),
        _ => format!("sent to {b} Main Street, Springfield, IL 6{c}"),
    }
}
