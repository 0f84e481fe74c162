use crate::scrub::tests::{becomes, stays};
use crate::scrub::work::is_linear_work;

#[test]
fn bound_values_go_wherever_a_driver_writes_them() {
    becomes(&[
        (
            "DETAIL:  parameters: $1 = 'Mary-Kate', $2 = '77'",
            "DETAIL:  parameters: $1 = '[PHI:literal]', $2 = '[PHI:literal]'",
        ),
        (
            "DETAIL:  Parameters: $1 = 'O''Neil', $2 = NULL",
            "DETAIL:  Parameters: $1 = '[PHI:literal]', $2 = NULL",
        ),
        (
            "CONTEXT:  portal \"p1\" parameter $1 = 'Ada'",
            "CONTEXT:  portal \"p1\" parameter $1 = '[PHI:literal]'",
        ),
        (
            "INFO sqlalchemy.engine.Engine [generated in 0.00020s] ('Barbara',)",
            "INFO sqlalchemy.engine.Engine [generated in 0.00020s] ('[PHI:literal]',)",
        ),
        (
            "[cached since 0.1s ago] {'first_name': 'Ada', 'x_1': 'Bo', 'n': 7, 'm': 77193}",
            "[cached since 0.1s ago] {'first_name': '[PHI:name]', 'x_1': '[PHI:literal]', 'n': 7, 'm': [PHI:literal]}",
        ),
        (
            "[no key 0.00010s] [('Ada', 1), ('Bo', datetime.date(1980, 1, 5))]",
            "[no key 0.00010s] [('[PHI:literal]', 1), ('[PHI:literal]', datetime.date([PHI:literal]))]",
        ),
        (
            "query: INSERT INTO \"patient\"(\"firstName\") VALUES ($1) -- PARAMETERS: [\"Patricia\"]",
            "query: INSERT INTO \"patient\"(\"firstName\") VALUES ($1) -- PARAMETERS: [\"[PHI:literal]\"]",
        ),
        (
            "(0.001) SELECT a FROM p WHERE b = %s; args=('Ada', 77, None)",
            "(0.001) SELECT a FROM p WHERE b = %s; args=('[PHI:literal]', 77, None)",
        ),
        (
            "[Parameters=[@LastName='Ada', @p0='Ada' (Size = 4000), @p1='77', @p2='?'], CommandType='Text']",
            "[Parameters=[@LastName='[PHI:name]', @p0='[PHI:literal]' (Size = 4000), @p1='[PHI:literal]', @p2='?'], CommandType='Text']",
        ),
        (
            "INSERT INTO \"patients\" (\"a\",\"b\") VALUES ($1,$2) [\"Ada\", 7]",
            "INSERT INTO \"patients\" (\"a\",\"b\") VALUES ($1,$2) [\"[PHI:literal]\", 7]",
        ),
        (
            "SELECT a FROM p WHERE b = $1  [[\"first_name\", \"Ada\"], [\"memo\", \"Bo\"], [\"LIMIT\", 1]]",
            "SELECT a FROM p WHERE b = $1  [[\"first_name\", \"[PHI:name]\"], [\"memo\", \"[PHI:literal]\"], [\"LIMIT\", 1]]",
        ),
        ("bindings: [ 'Ada', 1 ]", "bindings: [ '[PHI:literal]', 1 ]"),
        (
            "Query: `SELECT 1` -- binds: [\"Ada\", 7]",
            "Query: `SELECT 1` -- binds: [\"[PHI:literal]\", 7]",
        ),
        (
            "executing statement s0 with params: [Some(\"Ada\"), None, 77193]",
            "executing statement s0 with params: [Some(\"[PHI:literal]\"), None, \"[PHI:literal]\"]",
        ),
        ("sql=\"SELECT a\" args=[Ada 77 nil]", "sql=\"SELECT a\" args=[[PHI:literal] 77 nil]"),
        ("sql=\"SELECT a\" args=\"[Ada 77]\"", "sql=\"SELECT a\" args=\"[[PHI:literal] 77]\""),
    ]);
}

#[test]
fn bound_values_of_prisma_go_as_json() {
    becomes(&[
        ("Params: [\"Ada\", 5]", "Params: [\"[PHI:literal]\", 5]"),
        (
            "prisma:query SELECT 1 params=[\"Ada\"]",
            "prisma:query SELECT 1 params=[\"[PHI:literal]\"]",
        ),
        (
            "{\"query\":\"SELECT 1\",\"params\":\"[\\\"Ada\\\",5]\",\"n\":1}",
            "{\"query\":\"SELECT 1\",\"params\":\"[\\\"[PHI:literal]\\\",5]\",\"n\":1}",
        ),
        (
            "{\"sql\":\"SELECT 1\",\"params\":[null,77193,true]}",
            "{\"sql\":\"SELECT 1\",\"params\":[null,\"[PHI:literal]\",true]}",
        ),
        // Cut in the middle.
        (
            "{\"query\":\"SELECT 1\",\"params\":\"[\\\"Ada",
            "{\"query\":\"SELECT 1\",\"params\":\"[\\\"[PHI:literal]",
        ),
    ]);
}

#[test]
fn bound_values_with_types_go() {
    becomes(&[
        (
            "==> Parameters: Jean-Luc(String), null, MacDonald (Sr)(String), 5(Integer), 77193(Long), true(Boolean)",
            "==> Parameters: [PHI:literal](String), null, [PHI:literal](String), 5(Integer), [PHI:literal](Long), true(Boolean)",
        ),
        (
            "binding parameter [2] as [VARCHAR] - [Patricia]",
            "binding parameter [2] as [VARCHAR] - [[PHI:literal]]",
        ),
        (
            "binding parameter (2:VARCHAR) <- [Ada [x]]",
            "binding parameter (2:VARCHAR) <- [[PHI:literal]]",
        ),
    ]);
    stays(&[
        "binding parameter [1] as [INTEGER] - [5]",
        "binding parameter [1] as [VARCHAR] - [null]",
    ]);
}

#[test]
fn lists_that_are_bound_to_nothing_stay() {
    stays(&[
        "{\"jsonrpc\":\"2.0\",\"method\":\"get\",\"params\":[\"latest\",true]}",
        "spawned args=[\"--port\", \"8080\"]",
        "[raw sql] ()",
        "[cached since 3 s] done",
        "costs $1 = 'cheap'",
        "nodes [\"a\", \"b\"] are up",
        "SELECT a FROM b -- took [12 ms]",
        "params: none",
        "[INFO] [main] (x) <y>",
    ]);
}

#[test]
fn the_work_on_lists_is_linear() {
    is_linear_work(&[
        "-- PARAMETERS: [",
        "-- PARAMETERS: [\"a\",",
        "sql params=[a ",
        "params=[",
        "args=(",
        "SELECT (1) [\"a",
        "\nSELECT (1) [\"a\"] ",
        "[no key 1] (",
        "(Ab),",
        "Parameters: a(Ab)",
        "Parameters: a(b, ",
        "] - [",
        "$1 = 'a",
    ]);
}
