//! The forms of Auth and Settings.

use super::Cx;
use crate::app::effect::Effect;
use crate::app::model::{
    FormRow, FormState, FormValue, Pane, RequestTab, auth_rows, settings_rows,
};
use crate::core::action::Action;
use crate::core::event::Command;
use crate::core::request::{IpFamily, RequestDraft, TlsVersions, read_fingerprint};
use crate::core::secret::Secret;
use crate::core::stage::ConnectionState;

impl Cx<'_> {
    fn form(&mut self) -> &mut FormState {
        let tab = self.tab();
        if tab.request_tab == RequestTab::Auth { &mut tab.auth } else { &mut tab.settings }
    }

    fn form_rows(&mut self) -> Vec<FormRow> {
        let tab = self.tab();
        if tab.request_tab == RequestTab::Auth {
            auth_rows(&tab.draft)
        } else {
            settings_rows(&tab.draft)
        }
    }

    pub(super) fn form_act(&mut self, action: Action) -> bool {
        let rows = self.form_rows();
        let page = i64::from(self.model.geometry.body.height.max(2)) - 1;
        let row = self.form().row.min(rows.len().saturating_sub(1));
        self.form().row = row;
        match action {
            Action::Up if row == 0 => self.tab().focus = Pane::Bar,
            Action::Up => self.form_move(-1),
            Action::Down => self.form_move(1),
            Action::PageUp => self.form_move(-page),
            Action::PageDown => self.form_move(page),
            Action::First => self.form_move(i64::MIN / 2),
            Action::Last => self.form_move(i64::MAX / 2),
            Action::Left => self.form_choose(&rows, false),
            Action::Right => self.form_choose(&rows, true),
            Action::Submit | Action::Edit | Action::RowToggle => self.form_begin(&rows),
            Action::Reset => self.form_reset(&rows),
            _ => return false,
        }
        true
    }

    pub(super) fn form_move(&mut self, by: i64) {
        let rows = self.form_rows().len() as i64;
        let height = usize::from(self.model.geometry.body.height).max(1);
        let form = self.form();
        let row = (form.row as i64).saturating_add(by).clamp(0, (rows - 1).max(0));
        form.row = usize::try_from(row).unwrap_or(0);
        form.remark = None;
        if form.row < form.scroll {
            form.scroll = form.row;
        } else if form.row >= form.scroll + height {
            form.scroll = form.row + 1 - height;
        }
    }

    /// The neighbour of a choice; switches a switch.
    fn form_choose(&mut self, rows: &[FormRow], forward: bool) {
        let Some(row) = rows.get(self.form().row) else { return };
        match &row.value {
            FormValue::Switch(on) => self.form_write(&row.field, if *on { "off" } else { "on" }),
            FormValue::Choice { options, chosen } if !options.is_empty() => {
                let len = options.len();
                let next = (chosen + if forward { 1 } else { len - 1 }) % len;
                self.form_write(&row.field, &options[next].0);
            }
            _ => {}
        }
    }

    /// Begins to edit the row, or switches it on.
    pub(super) fn form_begin(&mut self, rows: &[FormRow]) {
        let Some(row) = rows.get(self.form().row) else { return };
        if row.field == "kind" && self.tab().request_tab == RequestTab::Auth {
            self.open_ways(false);
            return;
        }
        let Some(text) = row.editable_text() else {
            self.form_choose(rows, true);
            return;
        };
        let secret = matches!(row.value, FormValue::Secret(_));
        let mut editor = super::auth::editor_of(secret, &text, self.form().reveal);
        let form = self.form();
        editor.select_all();
        form.editing = Some(editor);
        form.remark = None;
    }

    pub(super) fn form_begin_at(&mut self, row: usize) {
        let rows = self.form_rows();
        self.form().row = row.min(rows.len().saturating_sub(1));
        self.form_begin(&rows);
    }

    /// Takes what was typed, or says why it cannot be taken.
    pub(super) fn form_submit(&mut self) {
        let rows = self.form_rows();
        let row = self.form().row;
        let Some(editor) = self.form().editing.take() else { return };
        if let Some(row) = rows.get(row) {
            self.form_write(&row.field, &editor.text());
            if self.form().remark.is_some() {
                // What cannot be taken stays to be mended; Esc leaves it.
                self.form().editing = Some(editor);
            }
        }
    }

    /// Takes what was typed and goes on, unless it has to be mended first.
    pub(super) fn form_submit_and_move(&mut self, by: i64) {
        self.form_submit();
        if self.form().editing.is_none() {
            self.form_move(by);
        }
    }

    fn form_reset(&mut self, rows: &[FormRow]) {
        let Some(row) = rows.get(self.form().row) else { return };
        let field = row.field.clone();
        if self.tab().request_tab == RequestTab::Auth {
            self.form_write(&field, if field == "kind" { "none" } else { "" });
            return;
        }
        let default = settings_rows(&RequestDraft::default());
        if let Some(default) = default.iter().find(|d| d.field == field) {
            let text = default.editable_text().unwrap_or_else(|| match &default.value {
                FormValue::Choice { options, chosen } => options[*chosen].0.clone(),
                FormValue::Switch(true) => "on".into(),
                _ => "off".into(),
            });
            self.form_write(&field, &text);
        }
    }

    fn form_write(&mut self, field: &str, text: &str) {
        let tab = self.tab();
        let result = if tab.request_tab == RequestTab::Auth {
            if field == "kind" {
                tab.draft.auth.kind = text.to_owned();
            } else {
                tab.draft.auth.set(field, Secret::new(text));
            }
            Ok(())
        } else {
            write_setting(&mut tab.draft, field, text)
        };
        self.form().remark = result.err();
        self.request_changed();
        if field == "heartbeat_ms" {
            self.live_heartbeat();
        }
    }

    /// The heartbeat of a live connection changes with the setting.
    fn live_heartbeat(&mut self) {
        let tab = self.tab();
        let ms = tab.draft.settings.heartbeat_ms;
        if let (ConnectionState::Open, Some(id)) = (tab.conn.state, tab.conn.id) {
            let every = (ms > 0).then(|| std::time::Duration::from_millis(ms));
            self.effects.push(Effect::Command(id, Command::Heartbeat(every)));
        }
    }
}

fn write_setting(draft: &mut RequestDraft, field: &str, text: &str) -> Result<(), String> {
    if field == "cert_password" {
        // Blanks may belong to it.
        draft.auth.set_cert_password(Secret::new(text));
        return Ok(());
    }
    let settings = &mut draft.settings;
    let text = text.trim();
    let on = || text == "on";
    let list = || {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    };
    match field {
        "connect_timeout_ms" => settings.connect_timeout_ms = read_ms(text)?.max(1),
        "verify" => settings.verify = on(),
        "ca_file" => settings.ca_file = text.into(),
        "cert_file" => settings.cert_file = text.into(),
        "key_file" => settings.key_file = text.into(),
        "max_message" => settings.max_message = read_bytes(text)?,
        "subprotocols" => settings.subprotocols = list(),
        "reconnect_attempts" => {
            settings.reconnect_attempts =
                text.parse().map_err(|_| format!("“{text}” is not a number of attempts"))?;
        }
        "reconnect_interval_ms" => settings.reconnect_interval_ms = read_ms(text)?.max(100),
        "heartbeat_ms" => settings.heartbeat_ms = read_ms(text)?,
        "override_handshake" => settings.override_handshake = on(),
        "compression" => settings.compression = on(),
        "cookies" => settings.cookies = on(),
        "clock_offset_s" => settings.clock_offset_s = read_offset(text)?,
        "proxy" => settings.proxy = text.into(),
        "no_proxy" => settings.no_proxy = list(),
        "resolve" => settings.resolve = list(),
        "ip_family" => {
            settings.ip_family = match text {
                "v4" => IpFamily::V4,
                "v6" => IpFamily::V6,
                _ => IpFamily::Any,
            };
        }
        "server_name" => settings.server_name = text.into(),
        "tls_versions" => {
            settings.tls_versions = match text {
                "1.2" => TlsVersions::Only12,
                "1.3" => TlsVersions::Only13,
                _ => TlsVersions::Any,
            };
        }
        "trusted" => {
            let read = |item: &str| {
                read_fingerprint(item).map_err(|why| format!("“{item}” is no fingerprint: {why}"))
            };
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            settings.trusted = items.map(read).collect::<Result<_, _>>()?;
        }
        "follow_redirects" => {
            settings.follow_redirects = match text {
                "off" => 0,
                text => text.parse().map_err(|_| format!("“{text}” is not a number"))?,
            };
        }
        _ => return Err(format!("there is no setting “{field}”")),
    }
    Ok(())
}

/// `10000`, `10s`, `1.5 s`, `500 ms`, `2m`; `off` is 0.
fn read_ms(text: &str) -> Result<u64, String> {
    let bad = || format!("“{text}” is not a time: write it like 10000, 500 ms, 10s or 2m");
    if text.eq_ignore_ascii_case("off") {
        return Ok(0);
    }
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim() {
        "" | "ms" => 1.0,
        "s" => 1000.0,
        "m" | "min" => 60_000.0,
        _ => return Err(bad()),
    };
    let value: f64 = number.trim().parse().map_err(|_| bad())?;
    let ms = value * factor;
    if !(0.0..=1e12).contains(&ms) {
        return Err(bad());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Ok(ms.round() as u64)
}

/// `900`, `+15 min`, `-90s`, `off`, in seconds.
fn read_offset(text: &str) -> Result<i64, String> {
    let (sign, rest) = match text.strip_prefix(['-', '−']) {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let rest = rest.trim();
    // A bare number is in seconds here, and never a fraction of one.
    let seconds = match rest.parse::<u32>() {
        Ok(seconds) => u64::from(seconds),
        Err(_) if rest.is_empty() => 0,
        Err(_) => {
            let bad =
                || format!("“{text}” is no shift of the clock: write it like +900, -90 s, 15 min");
            read_ms(rest).map_err(|_| bad())? / 1000
        }
    };
    Ok(sign * i64::try_from(seconds).unwrap_or(0))
}

/// `67108864`, `64 MiB`, `1.5GB`; `none` is 0.
fn read_bytes(text: &str) -> Result<u64, String> {
    let bad = || format!("“{text}” is not a size: write it like 65536, 64 KiB or 16 MiB");
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "none" | "off" | "no limit") {
        return Ok(0);
    }
    let split = lower.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(lower.len());
    let (number, unit) = lower.split_at(split);
    let factor: f64 = match unit.trim() {
        "" | "b" | "bytes" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(bad()),
    };
    let value: f64 = number.trim().parse().map_err(|_| bad())?;
    let bytes = value * factor;
    if !(0.0..=1e15).contains(&bytes) {
        return Err(bad());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Ok(bytes.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_units() {
        for (text, ms) in
            [("10000", 10_000), ("10s", 10_000), ("1.5 s", 1500), ("2m", 120_000), ("off", 0)]
        {
            assert_eq!(read_ms(text), Ok(ms), "{text}");
        }
        for text in ["", "x", "10h", "-1"] {
            assert!(read_ms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn shifts_of_the_clock_are_read_with_sign_and_unit() {
        for (text, seconds) in
            [("900", 900), ("+15 min", 900), ("-90 s", -90), ("−2m", -120), ("off", 0), ("", 0)]
        {
            assert_eq!(read_offset(text), Ok(seconds), "{text}");
        }
        assert!(read_offset("soon").is_err());
    }

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, bytes) in
            [("65536", 65_536), ("64 KiB", 65_536), ("1.5MB", 1_572_864), ("none", 0)]
        {
            assert_eq!(read_bytes(text), Ok(bytes), "{text}");
        }
        assert!(read_bytes("a lot").is_err());
    }

    #[test]
    fn every_row_of_the_settings_can_be_written() {
        for row in settings_rows(&RequestDraft::default()) {
            let text = row.editable_text().unwrap_or_else(|| "on".into());
            let mut draft = RequestDraft::default();
            assert_eq!(write_setting(&mut draft, &row.field, &text), Ok(()), "{}", row.field);
        }
    }
}
