//! The work done on bad lines: it grows with their length and no faster.

use super::Scrubber;
use super::text::READS;

/// Pieces that, repeated, lead matchers astray.
const SHAPES: &[&str] = &[
    "a.a.",
    "a@",
    "a@a@",
    "1 1 ",
    "1-1-",
    "a:a:",
    "http://",
    " ",
    "a=",
    "ssn:",
    "mrn ",
    "\"",
    "\\\"",
    "name: x ",
    "(1",
    "+1 ",
    "%40",
    "Some(",
    "dob: [",
    "555-",
    "123-45-",
    "\u{e9}",
    "a1:",
    "4111 ",
    "name: x aa==",
    "mrn-1-",
    "phone-1a",
    "ssn: [PHI:ssn] ",
    "dob: (",
    "name: [PHI:name] , ",
    "{\"resourceType\":",
    "\"resourceType\"",
    "'resourceType'",
    "{'resourceType': '",
    "{'a':[{'resourceType':'Patient','name':[{'family':'x'}]}]}",
    "{\"a\":[{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"x\"}]}]}",
    "PID|1|2|",
    "PID|",
    "PID|1 PID|",
    "PID|1&#",
    "PID-5=",
    "PID.5: \"",
    "PID.5 is ",
    "<PID.5>",
    "PID.5={",
    "~^PID|1|~^",
    "Mr. ",
    "Ada Example ",
    "patient Ada ",
    "12 Main ",
    "12 Main Street, Springfield, ",
    "IL 62704 ",
    "https://a/ ",
    "https://localhost/",
    "::1:",
    "0:0:",
    "1.1.1.1.",
    "a-b1-",
    "00-00-",
    "[PHI:",
    "[PHI:zip 021",
    "zip 02139 ",
    "Jan 5, ",
    "seen 1/5/1980 08:15 ",
    "?name=",
    "Patient?name=a&name=",
    "name={ name=",
    "plate A1 ",
    "93 ",
    "4.1234, 4.1234, ",
    "A1B2C3D4",
    "\u{2011}\u{a0}",
    "phone 2125550100 ",
    "card 411111111111 ",
    "P.O. Box 1 ",
    "Unit 1 Box 1 ",
    "SELECT ('",
    "SELECT ",
    "\\nselect 'a' ",
    "UPDATE SET '",
    "WITH AS 12345 ''",
    "\u{1b}[0m1",
    "\\\\x1b[0m=",
    "Key (mrn)=(A1",
    "Key (mrn)=(",
    ")=((",
    "), (",
    "<mrn>1",
    "</mrn>",
    "<mrn></mrn>",
    "<mrn value=\"1",
    "(\"mrn\", \"",
    "{\"name\":\"mrn\",\"value\":\"",
    "\"value\"",
    "%22",
    "%22mrn%22%3A%221",
    "%25",
    "%2525",
    "&quot;",
    "&quot;mrn&quot;:1 ",
    "{\"a\":4111111111111111,",
    "4111111111111111,",
    "age: Some(",
    "a%b",
    "mrn/1",
    "mrn\"1\" ",
    "00:1b:",
    "mac:00:1b:44:11:3a:b7",
    "mrn=[Key (mrn)=(1) ",
    "dob={Key (mrn)=(1) ",
    "N3*",
    "NM1*1*1*",
    "Failing row contains (",
    "unknown variant `",
    " \"",
    "Ada, RN ",
    "Ada Bo, ",
    "--name Ada ",
    "first last: ",
    "ssn,name\n",
    "ssn,name\n1,2\n",
    "mrn|x\n---\n",
    "\"mrn,\"\n",
    "first=A,last=B ",
    "family=a&given=b&",
    "mrn=77193551, ",
    "ssn: (string) ",
    "ssn:x:private] ",
    "LastName      : ",
    "ssn: 'a' -> 'b' ",
    "cc: Ada Bo; ",
    "Ada Bo (MRN 77193551) ",
    "{\"ssn\":{\"type\":",
    PLUSES,
    "/a?b=+%41",
    "\"--mrn\", \"",
    "args=('",
    "\"columns\":[\"mrn\"],",
    "[\"mrn\",[",
    "SAMPLE^",
    "(01)",
    "identifier=",
    "identifier=a|b,",
    "a:exact=",
];

/// Plus signs and escapes that hide nothing; a query stands behind them.
const PLUSES: &str = "+%z";

#[test]
fn the_work_on_the_slow_shapes_is_linear() {
    is_linear_work(SHAPES);
}

/// The same for the shapes of one module.
pub(super) fn is_linear_work(shapes: &[&str]) {
    for shape in shapes {
        let work = |bytes: usize| {
            let mut text = shape.repeat(bytes / shape.len() + 1);
            if *shape == "a@" {
                text = format!("{}@", "a".repeat(bytes));
            }
            if *shape == PLUSES {
                text.push_str(" a=");
            }
            READS.with(|reads| reads.set(0));
            let _ = Scrubber::new().scrub(&text);
            READS.with(core::cell::Cell::get)
        };
        let (small, large) = (work(10_000), work(40_000));
        assert!(large <= small * 5, "{shape:?}: {small} reads, then {large}");
        assert!(large <= 40_000 * 400, "{shape:?}: {large} reads for 40 KB");
    }
}

#[test]
fn the_measure_of_work_sees_quadratic_work() {
    // The negative control: a scan begun anew at every byte.
    let work = |bytes: usize| {
        let text = "ssn:".repeat(bytes / 4);
        READS.with(|reads| reads.set(0));
        for start in 0..text.len() {
            let _ = Scrubber::new().scrub(text.get(start..).unwrap_or_default());
        }
        READS.with(core::cell::Cell::get)
    };
    assert!(work(400) > work(100) * 5);
}
