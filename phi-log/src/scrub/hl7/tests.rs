//! Segments and paths, with synthetic people.

use crate::scrub::tests::{becomes, stays};

#[test]
fn segments_of_visits_documents_and_charges_name_nobody() {
    becomes(&[
        (
            "EVN|A01|20240213003149|||7788^BROWN^RAJESH|202204081435",
            "EVN|A01|20240213003149|||7788^[PHI:name]|[PHI:date]",
        ),
        (
            "AIP|1||1989436658^ADEYEMI^ROBERT|||202404081435",
            "AIP|1||[PHI:npi]^[PHI:name]|||[PHI:date]",
        ),
        ("AIS|1|A|CHK^Checkup|202404081435|0", "AIS|1|A|CHK^Checkup|[PHI:date]|0"),
        ("AIL|1|A|R4^^^H|||202404081435", "AIL|1|A|R4^^^H|||[PHI:date]"),
        ("AIG|1|A|12^COOK^DAWN|||||202404081435", "AIG|1|A|12^[PHI:name]|||||[PHI:date]"),
        (
            "FT1|1|||20230817|20230817|CG|99213^Office^CPT|||||||||||||1989436658^ADEYEMI^ROBERT",
            "FT1|1|||[PHI:date]|[PHI:date]|CG|99213^Office^CPT|||||||||||||[PHI:npi]^[PHI:name]",
        ),
        (
            "TXA|1|DS|TX|202308171435|1989436658^ADEYEMI^ROBERT||202308191435||7^COOK^DAWN",
            "TXA|1|DS|TX|[PHI:date]|[PHI:npi]^[PHI:name]||[PHI:date]||7^[PHI:name]",
        ),
        (
            "SCH|A1|B1|||||ROUTINE||30|m|^^30^202408171435^202408171505",
            "SCH|[PHI:account]|[PHI:account]|||||ROUTINE||30|m|^^30^[PHI:date]^[PHI:date]",
        ),
        ("TQ1|1||||||202408171435|202408171505", "TQ1|1||||||[PHI:date]|[PHI:date]"),
        (
            "STF|1|U2|BROWN^RAJESH|P|F|19610304||||(555)010-4477|12 MAIN^^BOSTON^MA^02139",
            "STF|1|U2|[PHI:name]|P|F|[PHI:date]||||[PHI:phone]|[PHI:address]^MA^[PHI:zip]",
        ),
        (
            "OBR|1|||||||||||||||||||||||||||||||7&COOK&DAWN^202408171435",
            "OBR|1|||||||||||||||||||||||||||||||7&[PHI:name]^[PHI:name]",
        ),
    ]);
    stays(&["IN1|1|PLAN7^Gold|C12^Company|Acme Health"]);
}

#[test]
fn what_is_asked_for_is_removed() {
    becomes(&[
        (
            "QRD|20240213003149|R|I|Q1|||1^RD|BROWN^RAJESH|DEM",
            "QRD|20240213003149|R|I|Q1|||1^RD|[PHI:name]^[PHI:name]|DEM",
        ),
        (
            "QRD|20240213003149|R|I|Q1|||1^RD|77193^BROWN^RAJESH|DEM",
            "QRD|20240213003149|R|I|Q1|||1^RD|[PHI:mrn]^[PHI:name]|DEM",
        ),
        (
            "QPD|Q22^Find^HL7|1|@PID.5.1^BROWN~@PID.5.2^RAJESH~@PID.7^19610304",
            "QPD|Q22^Find^HL7|1|@PID.5.1^[PHI:name]~@PID.5.2^[PHI:name]~@PID.7^[PHI:date]",
        ),
        ("QPD|Q23^Get^HL7|1|66512665^^^H", "QPD|Q23^Get^HL7|1|[PHI:mrn]^^^H"),
    ]);
}

#[test]
fn an_observation_says_itself_what_it_holds() {
    becomes(&[
        (
            "OBX|3|DT|21112-8^Birth date^LN||19610304||||||F",
            "OBX|3|DT|21112-8^Birth date^LN||[PHI:date]||||||F",
        ),
        ("OBX|1|XPN|1^Name||COOK^NKECHI", "OBX|1|XPN|1^Name||[PHI:name]"),
        ("OBX|1|XTN|1^Call||5550104477", "OBX|1|XTN|1^Call||[PHI:phone]"),
        ("OBX|1|CX|1^Other||77193^^^H^SS", "OBX|1|CX|1^Other||[PHI:ssn]^^^H^SS"),
    ]);
    stays(&["OBX|1|NM|718-7^Hemoglobin^LN||13.5|g/dL", "OBX|1|TM|1^Time||1435"]);
}

#[test]
fn segments_end_however_their_end_is_written() {
    for end in
        ["&#xD;", "&#13;", "&#x0d;", "&#10;", "<CR>", "<cr>", "<br/>", " ", "\\r", "\r", "\u{240d}"]
    {
        let text = format!("PID|1||77193^^^H||COOK^DAWN{end}PV1|1|I|||||7^COOK^DAWN{end}NTE|1");
        let want =
            format!("PID|1||[PHI:mrn]^^^H||[PHI:name]{end}PV1|1|I|||||7^[PHI:name]{end}NTE|1");
        becomes(&[(&text, &want)]);
    }
    // An ampersand is a sign in a field, too.
    becomes(&[("PID|1||||COOK&VAN^DAWN &#39; A|", "PID|1||||[PHI:name]|")]);
}

#[test]
fn paths_of_fields_say_what_stands_behind_them() {
    becomes(&[
        (
            "PID-5.1=COOK PID-7=19470628 PID-3.1=66512665 PID-19=291794333",
            "PID-5.1=[PHI:name] PID-7=[PHI:date] PID-3.1=[PHI:mrn] PID-19=[PHI:ssn]",
        ),
        (
            "<PID.5><PID.5.1>COOK</PID.5.1><PID.5.2>NKECHI</PID.5.2></PID.5>",
            "<PID.5><PID.5.1>[PHI:name]</PID.5.1><PID.5.2>[PHI:name]</PID.5.2></PID.5>",
        ),
        (
            "<PID.5>\n <XPN.1><FN.1>Cook</FN.1></XPN.1>\n <XPN.2>Dawn</XPN.2></PID.5><PID.7><TS.1>1947</TS.1></PID.7>",
            "<PID.5>\n <XPN.1><FN.1>[PHI:name]</FN.1></XPN.1>\n <XPN.2>[PHI:name]</XPN.2></PID.5><PID.7><TS.1>[PHI:date]</TS.1></PID.7>",
        ),
        (
            r#"{"PID.5.1":"GARCIA","PID.7":"19790709","PID.19":291794333,"PID.8":"F"}"#,
            r#"{"PID.5.1":"[PHI:name]","PID.7":"[PHI:date]","PID.19":"[PHI:ssn]","PID.8":"F"}"#,
        ),
        (
            r#"{"PID":{"PID.5":{"PID.5.1":"GARCIA"},"PID.8":"F"}}"#,
            r#"{"PID":{"PID.5":"[PHI:name]","PID.8":"F"}}"#,
        ),
        (
            "{\"m\":\"{\\\"PID.5.1\\\":\\\"GARCIA\\\",\\\"PID.3\\\":7}\"}",
            "{\"m\":\"{\\\"PID.5.1\\\":\\\"[PHI:name]\\\",\\\"PID.3\\\":\\\"[PHI:mrn]\\\"}\"}",
        ),
        (
            "msg['PID']['PID.5']['PID.5.1'] = 'DAVIS'",
            "msg['PID']['PID.5']['PID.5.1'] = '[PHI:name]'",
        ),
        ("PID.5.1: COOK", "PID.5.1: [PHI:name]"),
        (
            "ERROR Field PID.5 exceeds length: MILLER^ELIZABETH",
            "ERROR Field PID.5 exceeds length: [PHI:name]",
        ),
        ("/PID-5-1=Cook", "/PID-5-1=[PHI:name]"),
        (
            "<rim:Value>PID-3|89981117^^^&amp;1.3.6&amp;ISO</rim:Value><rim:Value>PID-7|19590101<",
            "<rim:Value>PID-3|[PHI:mrn]&amp;1.3.6&amp;ISO</rim:Value><rim:Value>PID-7|[PHI:date]<",
        ),
        ("set PID.13[0].1 -> 5550104477.", "set PID.13[0].1 -> [PHI:phone]"),
        ("field=PID.5 value=COOK^DAWN", "field=PID.5 value=[PHI:name]"),
        (
            r#"{"path":"PID.5.1","value":"COOK"},{"path":"PID.3","value":7}"#,
            r#"{"path":"PID.5.1","value":"[PHI:name]"},{"path":"PID.3","value":"[PHI:mrn]"}"#,
        ),
        ("PV1-7.1=1989436658", "PV1-7.1=[PHI:npi]"),
    ]);
    stays(&[
        "PID-3: missing",
        "PID.5 is required: message rejected",
        "PID-5: Fix the reader",
        "ACC-1: Fix login",
        "PID-8=F",
        "RAPID-5=COOK",
        "see PID.5 and PID.7",
        "PID.5 values: two",
        "PID.5 value missing",
        "{\"PID.5\":null}",
        "IN1-3=Company",
        "<PID.5><PID.5.1/></PID.5>",
        "ERROR PID-3.1 too long: see the manual",
    ]);
}

#[test]
fn long_objects_behind_a_path_stay_json() {
    let long = format!("{{\"x\":\"{}\",\"PID.5.1\":\"COOK\"}}", "-".repeat(600));
    let text = format!("{{\"PID.5\":{long},\"n\":1}}");
    becomes(&[(&text, &text.replace("COOK", "[PHI:name]"))]);
}
