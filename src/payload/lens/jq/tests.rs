//! Programs that work, that fail, and that would never end.

use proptest::prelude::*;

use super::*;

fn run(program: &str, payload: &str) -> Result<Output, LensProblem> {
    Jq::compile(program).unwrap().run(payload.as_bytes(), &Progress::default())
}

fn text(program: &str, payload: &str) -> String {
    run(program, payload).unwrap().text
}

#[test]
fn programs_give_their_outputs_one_after_another() {
    let payload = r#"{"a":[1.10,{"b":"x\ny"}],"n":12345678901234567890123}"#;
    assert_eq!(text(".a[]", payload), "1.10\n{\n  \"b\": \"x\\ny\"\n}");
    assert_eq!(text(".n", payload), "12345678901234567890123");
    assert_eq!(text("[.a[0] + 1, (.a | length)]", payload), "[\n  2.1,\n  2\n]");
    assert_eq!(text("{a:1} | .a += 2 | .a *= 5", payload), "{\n  \"a\": 15\n}");
    assert_eq!(text("\"ab\" * 2, (\"Abc\" | test(\"b\"))", payload), "\"abab\"\ntrue");
    assert_eq!(text("[paths] | length", payload), "5");
    assert_eq!(text("(.a | first) |= 7 | .a[0]", payload), "7");
    assert_eq!(text(". + 1", "1\n2"), "2\n3");
    assert_eq!(text("[limit(3; repeat(1))] | add", "0"), "3");
    assert_eq!(text("reduce range(5000) as $i (0; . + 1)", "0"), "5000");
    assert_eq!(text("def f: if . > 5000 then . else . + 1 | f end; 0 | f", "0"), "5001");
    assert_eq!(run("empty", "1").unwrap(), Output::default());
}

#[test]
fn failures_say_what_jq_says() {
    assert!(matches!(run(".a", "[1]"), Err(LensProblem::Jq(message)) if message.contains("index")));
    let partial = run(".[] | 1 + .", "[1,\"\\u001b\"]").unwrap();
    assert_eq!((partial.text.as_str(), partial.count), ("2", 1));
    assert!(partial.note.contains("\\"), "{}", partial.note);
    assert!(matches!(run(".", "{"), Err(LensProblem::NotThis { .. })));
    assert_eq!(text("try error(\"x\") catch .", "1"), "\"x\"");
}

#[test]
fn faults_of_a_program_have_a_place() {
    for (program, at, message) in [
        (".a | nonsense", 5..13, "there is no filter nonsense"),
        ("map(.; .)", 0..3, "there is no filter map with 2 arguments"),
        ("1 + $x", 4..6, "there is no variable $x"),
        (".a |", 4..4, "at the end is missing: term"),
        (". )", 2..3, "this means nothing here"),
        ("(1", 2..2, "this ( is not closed"),
        ("if 1 else 2 end", 5..9, "here should be: then"),
        ("env", 0..3, "there is no filter env"),
    ] {
        let problem = Jq::compile(program).unwrap_err();
        assert_eq!((problem.at.clone(), problem.message.as_str()), (at, message), "{program}");
    }
    assert!(Jq::compile(&"(".repeat(10_000)).is_err());
}

#[test]
fn programs_without_end_are_ended() {
    for (program, word) in [
        ("[repeat(1)]", "too long"),
        ("[range(1e12)] | length", "too long"),
        ("range(1e12) | empty", "too long"),
        ("def f: f; f", "too long"),
        ("try repeat(1) catch 0 | empty", "too long"),
        ("def f: 1 + f; f", "too deep"),
        ("reduce range(50000) as $i (0; [.])", "too deep"),
        ("reduce range(50000) as $i (0; [1, .])", "too deep"),
        ("reduce range(50000) as $i (0; {a: .})", "too deep"),
        ("\"x\" * 1e12", "64 Mi"),
        ("reduce range(60) as $i (\"x\"; . + .)", "64 Mi"),
        ("reduce range(60) as $i ([0]; . += .)", "64 Mi"),
        ("reduce range(60) as $i (0; [., .])", "64 MiB"),
    ] {
        match run(program, "0") {
            Err(LensProblem::Jq(message)) => {
                assert!(message.contains(word), "{program}: {message}")
            }
            other => panic!("{program}: {other:?}"),
        }
    }
}

#[test]
fn runs_can_be_cancelled() {
    let progress = Progress::default();
    progress.cancel();
    let jq = Jq::compile("[range(1e12)]").unwrap();
    assert_eq!(jq.run(b"0", &progress), Err(LensProblem::Cancelled));
}

#[test]
fn deep_payloads_are_refused() {
    let deep = "[".repeat(DEEPEST + 1) + &"]".repeat(DEEPEST + 1);
    assert!(run(".", &deep).is_err());
    let deep = "[".repeat(DEEPEST - 1) + &"]".repeat(DEEPEST - 1);
    assert!(run("[..] | length", &deep).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_program_panics(program in "[.\\[\\]{}()|,$a1\" ?:;+]{0,20}", payload in "[\\[\\]{}\",:1a]{0,20}") {
        match Jq::compile(&program) {
            Ok(jq) => { let _ = jq.run(payload.as_bytes(), &Progress::default()); }
            Err(problem) => prop_assert!(program.get(problem.at).is_some()),
        }
    }
}
