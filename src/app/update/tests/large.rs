//! Long texts: what is done beside the loop, stopped, late, and freed; and files that are sent from
//! where they are.

use ropey::Rope;

use super::Play;
use crate::app::effect::{About, Effect, Encoded, Job};
use crate::app::model::{Modal, Outfile, Question, TransferStage, Validation};
use crate::app::msg::{JobDone, Loaded, Msg};
use crate::core::event::{Command, EventKind, Transfer, TransferId, TransferState};
use crate::core::evidence::EndedBy;
use crate::core::message::MessageKind;
use crate::payload::{BinaryForm, Kind};

fn long() -> String {
    format!("[{}1]", "{\"key\":1},".repeat(200_000))
}

impl Play {
    /// The newest job, taken from the effects.
    fn job(&mut self) -> Job {
        let at = self.effects.iter().rposition(|e| matches!(e, Effect::Job(_))).expect("a job");
        match self.effects.remove(at) {
            Effect::Job(job) => job,
            _ => unreachable!("it was found"),
        }
    }

    fn done(&mut self, done: JobDone) -> &mut Play {
        self.msg(Msg::Job(done))
    }

    /// A composer with a long text, as a paste leaves it.
    fn with_long_text() -> Play {
        let mut play = Play::new();
        play.keys("alt+m").msg(Msg::Paste(long()));
        let Job::Weave { about, text } = play.job() else { panic!("a paste is made ready") };
        assert!(play.model.tab().composer.editor.is_empty(), "nothing happens on the loop");
        let text = Rope::from_str(&text);
        play.done(JobDone::Woven { tab: about.tab, number: about.number, text });
        assert_eq!(play.model.tab().composer.editor.len_bytes(), long().len());
        play
    }

    fn reshape(&mut self) -> (About, u64) {
        self.keys("ctrl+b");
        match self.job() {
            Job::Reshape { about, revision, out: true, .. } => (about, revision),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_long_text_is_laid_out_beside_the_loop_as_one_step() {
    let mut play = Play::with_long_text();
    let before = play.model.tab().composer.editor.rope().clone();
    let (about, revision) = play.reshape();
    assert!(play.model.tab().composer.work.is_some());
    // It is seen to go on, and the program is woken for that only.
    let due = crate::app::schedule::next_deadline(&play.model, play.now).unwrap();
    assert!(due.since(play.now) <= std::time::Duration::from_millis(100));
    let result = Ok(Some(Rope::from_str("[]\n")));
    play.done(JobDone::Laid { tab: about.tab, number: about.number, revision, result });
    assert!(play.model.tab().composer.work.is_none());
    assert_eq!(play.model.tab().composer.editor.text(), "[]\n");
    play.keys("ctrl+/");
    assert!(*play.model.tab().composer.editor.rope() == before);
}

#[test]
fn escape_stops_the_work_and_its_late_result_is_dropped_and_freed() {
    let mut play = Play::with_long_text();
    let (about, revision) = play.reshape();
    play.keys("esc");
    assert!(about.progress.is_cancelled());
    assert!(play.model.tab().composer.work.is_none());
    assert!(play.notice().contains("Stopped beautifying"), "{}", play.notice());
    let len = play.model.tab().composer.editor.len_bytes();
    play.effects.clear();
    let result = Ok(Some(Rope::from_str(&long())));
    play.done(JobDone::Laid { tab: about.tab, number: about.number, revision, result });
    assert_eq!(play.model.tab().composer.editor.len_bytes(), len);
    assert!(play.effects.iter().any(|e| matches!(e, Effect::Discard(_))));
    // The next one leads out of the text, as ever.
    assert!(play.model.tab().focus == crate::app::model::Pane::Body);
    play.keys("esc");
    assert!(play.model.tab().focus == crate::app::model::Pane::Bar);
}

#[test]
fn a_text_that_was_changed_meanwhile_is_left_as_it_is() {
    let mut play = Play::with_long_text();
    let (about, revision) = play.reshape();
    play.types("x");
    let result = Ok(Some(Rope::from_str("[]")));
    play.done(JobDone::Laid { tab: about.tab, number: about.number, revision, result });
    assert_eq!(play.model.tab().composer.editor.len_bytes(), long().len() + 1);
    assert!(play.notice().contains("changed meanwhile"));
}

#[test]
fn each_change_stops_the_judging_of_the_text_before() {
    let mut play = Play::with_long_text();
    let Job::Validate { progress: first, .. } = play.job() else { panic!("it is judged") };
    play.types("x");
    assert!(first.is_cancelled());
    let Job::Validate { tab, revision, kind, form, progress, .. } = play.job() else {
        panic!("it is judged anew")
    };
    assert!(!progress.is_cancelled());
    let problem = crate::payload::Problem::at(&long(), 1_000_000, "x");
    let result = Validation::Problem(problem);
    play.done(JobDone::Validated { tab, revision, kind, form, result });
    play.keys("alt+j");
    assert_eq!(play.model.tab().composer.editor.position().byte, 1_000_000);
}

#[test]
fn a_long_draft_is_saved_after_a_pause_and_not_while_it_is_typed() {
    let mut play = Play::with_long_text();
    play.effects.clear();
    for _ in 0..30 {
        play.types("x");
        play.now = play.now.plus(std::time::Duration::from_millis(250));
        play.msg(Msg::Deadline);
    }
    assert!(!play.effects.iter().any(|e| matches!(e, Effect::Save)), "it is being typed");
    assert!(play.model.is_draft_pending());
    play.now = play.now.plus(std::time::Duration::from_secs(2));
    play.msg(Msg::Deadline);
    assert!(play.effects.iter().any(|e| matches!(e, Effect::Save)));
    assert!(!play.model.is_draft_pending());
}

#[test]
fn hits_far_away_and_their_number_come_from_beside_the_loop() {
    let mut play = Play::with_long_text();
    play.keys("ctrl+home ctrl+f").types("1]");
    let Job::Seek { tab, generation, revision, .. } = play.job() else {
        panic!("it is looked for")
    };
    let Job::Count { generation: counting, .. } = play.job() else { panic!("and counted") };
    assert_eq!(generation, counting);
    let end = long().len();
    let hit = Some(end - 2..end);
    // One of an older pattern is not heard.
    play.done(JobDone::Sought { tab, generation: generation - 1, revision, hit: hit.clone() });
    assert_eq!(play.model.tab().composer.editor.selection(), Some(8..9), "the first 1");
    play.done(JobDone::Sought { tab, generation, revision, hit });
    assert_eq!(play.model.tab().composer.editor.selection(), Some(end - 2..end));
    play.done(JobDone::Counted { tab, generation, hits: 1 });
    assert_eq!(play.model.tab().composer.search.as_ref().unwrap().word, "1 hit");
    // What is near needs nobody.
    play.effects.clear();
    play.keys("esc ctrl+home ctrl+f").types("key");
    assert_eq!(play.model.tab().composer.editor.selection(), Some(3..6));
    assert!(!play.effects.iter().any(|e| matches!(e, Effect::Job(Job::Seek { .. }))));
}

#[test]
fn closing_the_search_stops_what_it_had_begun() {
    let mut play = Play::with_long_text();
    play.keys("ctrl+home ctrl+f").types("1]");
    let Job::Seek { progress, .. } = play.job() else { panic!("it is looked for") };
    play.keys("esc");
    assert!(progress.is_cancelled());
}

#[test]
fn a_file_is_read_into_the_composer_or_offered_to_be_sent() {
    let mut play = Play::new();
    play.keys("alt+m alt+o").types("/tmp/big.json").keys("enter");
    let Job::Load { about, path, most } = play.job() else { panic!("it is read") };
    assert_eq!(most, 64 << 20);
    let (tab, number) = (about.tab, about.number);
    let result = Ok(Loaded::Large { size: 1 << 30, text: true });
    play.done(JobDone::Loaded { tab, number, path, result });
    let Some(Modal::Menu { title, items, .. }) = play.model.modals.last() else {
        panic!("it is offered")
    };
    assert_eq!(title, "big.json is 1.0 GiB");
    assert_eq!(items.len(), 3);
    play.keys("t");
    let composer = &play.model.tab().composer;
    assert!(composer.is_file());
    assert_eq!((composer.kind, composer.editor.text().as_str()), (Kind::Text, "/tmp/big.json"));

    play.keys("alt+o").types("/tmp/small.json").keys("enter");
    let Job::Load { about, path, .. } = play.job() else { panic!("it is read") };
    let result = Ok(Loaded::Text { text: Rope::from_str("{}"), kind: Kind::Json });
    play.done(JobDone::Loaded { tab: about.tab, number: about.number, path, result });
    let composer = &play.model.tab().composer;
    assert_eq!((composer.kind, composer.editor.text().as_str()), (Kind::Json, "{}"));
    assert!(!composer.is_file());
}

/// A connected tab that has agreed to send a file of 1 GiB.
fn sending() -> (Play, crate::app::effect::ConnectRequest, TransferId) {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("alt+m ctrl+o p").types("/tmp/big.json").keys("ctrl+s");
    let Job::Measure { tab, path, kind, then } = play.job() else { panic!("it is looked at") };
    assert_eq!((kind, then), (Kind::Text, Encoded::Send));
    let result = Ok((path.clone().into(), 1 << 30));
    play.done(JobDone::Measured { tab, typed: path, kind, then, result });
    let Some(Modal::Confirm { text, on_yes: true, .. }) = play.model.modals.last() else {
        panic!("it is asked about")
    };
    assert!(text.contains("1.0 GiB") && text.contains("16,384 frames"), "{text}");
    play.keys("enter");
    let id = play.model.tab().conn.transfers[0].id;
    let sent = play.effects.iter().any(|e| {
        matches!(e, Effect::Command(conn, Command::SendFile { transfer, kind: MessageKind::Text, frame: 65_536, .. })
            if *conn == request.conn && *transfer == id)
    });
    assert!(sent);
    (play, request, id)
}

fn news(
    play: &mut Play,
    request: &crate::app::effect::ConnectRequest,
    id: TransferId,
    sent: u64,
    state: TransferState,
) {
    let (kind, name, total) = (MessageKind::Text, "big.json".into(), 1 << 30);
    let event = EventKind::Transfer(Transfer { id, kind, name, sent, total, frames: 1, state });
    play.msg(Msg::Net { tab: request.tab, conn: request.conn, event });
}

#[test]
fn a_file_goes_out_and_its_end_is_said() {
    let (mut play, request, id) = sending();
    news(&mut play, &request, id, 256 << 20, TransferState::Running);
    assert_eq!(play.model.tab().conn.transfers[0].percent(), 25);
    play.now = play.now.plus(std::time::Duration::from_secs(4));
    news(&mut play, &request, id, 1 << 30, TransferState::Done);
    assert!(play.model.tab().conn.transfers.is_empty());
    assert_eq!(play.notice(), "big.json: 1.0 GiB sent in 4.0 s, 256 MiB/s.");
}

#[test]
fn files_go_out_in_order_and_the_next_begins_when_one_has_ended() {
    let (mut play, request, id) = sending();
    let second = Outfile {
        path: "/tmp/second".into(),
        kind: MessageKind::Binary,
        size: 1 << 30,
        queue: false,
    };
    let question = Question::SendFile(request.tab, Box::new(second));
    play.model.modals.push(Modal::Confirm {
        title: String::new(),
        text: String::new(),
        yes: "Send",
        no: "Cancel",
        question,
        on_yes: true,
    });
    play.effects.clear();
    play.keys("enter");
    assert!(play.effects.is_empty(), "one at a time");
    news(&mut play, &request, id, 3, TransferState::Failed("byte 3 is not UTF-8".into()));
    assert!(play.notice().contains("byte 3 is not UTF-8"));
    assert!(play.effects.iter().any(|e| matches!(e,
        Effect::Command(_, Command::SendFile { path, .. }) if path.ends_with("second"))));
}

#[test]
fn stopping_a_file_asks_first_and_says_what_it_costs() {
    let (mut play, request, id) = sending();
    news(&mut play, &request, id, 256 << 20, TransferState::Running);
    play.keys("alt+q");
    let Some(Modal::Confirm { text, on_yes: false, .. }) = play.model.modals.last() else {
        panic!("it is asked")
    };
    assert!(text.contains("256 MiB of 1.0 GiB") && text.contains("1001"), "{text}");
    play.keys("enter");
    assert_eq!(play.model.tab().conn.transfers[0].stage, TransferStage::Running, "no is no");
    play.keys("alt+q y");
    assert_eq!(play.model.tab().conn.transfers[0].stage, TransferStage::Stopping);
    assert!(play.effects.iter().any(|e| matches!(e,
        Effect::Command(_, Command::CancelFile(stopped)) if *stopped == id)));
    news(&mut play, &request, id, 300 << 20, TransferState::Stopped);
    assert!(play.model.tab().conn.transfers.is_empty());
    assert!(play.notice().contains("stopped at 300 MiB of 1.0 GiB"), "{}", play.notice());
}

#[test]
fn the_end_of_the_connection_is_the_end_of_the_file() {
    let (mut play, request, id) = sending();
    news(&mut play, &request, id, 256 << 20, TransferState::Running);
    play.ended_by(&request, EndedBy::Peer, Some(1009));
    assert!(play.model.tab().conn.transfers.is_empty());
    assert!(play.notice().contains("not sent whole"), "{}", play.notice());
    // A late tiding of it is nothing.
    news(&mut play, &request, id, 257 << 20, TransferState::Running);
    assert!(play.model.tab().conn.transfers.is_empty());
}

#[test]
fn a_small_file_is_sent_as_any_other_message() {
    let mut play = Play::new();
    let request = play.connects_to("ws://a.example/");
    play.opened(&request).keys("alt+m ctrl+o p").types("/tmp/small").keys("ctrl+s");
    let Job::Measure { tab, path, kind, then } = play.job() else { panic!("it is looked at") };
    let result = Ok((path.clone().into(), 100));
    play.done(JobDone::Measured { tab, typed: path, kind, then, result });
    assert!(play.model.modals.is_empty());
    let Job::Encode { kind: Kind::Text, form: BinaryForm::File, .. } = play.job() else {
        panic!("it is read")
    };
}

#[test]
fn closing_the_tab_stops_its_work_and_frees_its_text_elsewhere() {
    let mut play = Play::with_long_text();
    let (about, _) = play.reshape();
    play.effects.clear();
    play.keys("alt+w");
    assert!(about.progress.is_cancelled());
    assert!(play.effects.iter().any(|e| matches!(e, Effect::Discard(_))));
}
