//! What a person can set once for all requests.
//!
//! One table says everything about a setting: its name, type, limits, default and documentation.
//! The structs, the reading, `config.example.toml` and `wsdeck config` are made from it.

#[macro_use]
mod table;
mod columns;
mod example;
mod read;
#[macro_use]
mod value;

pub use columns::{Column, Columns};
pub use example::example;
pub use table::{Field, Section};
pub(super) use value::{Choice, choices};

use crate::config::theme::ThemeName;
use crate::core::request::{IpFamily, RequestSettings, TlsVersions};

choices! {
    /// When to use colours.
    pub enum Colours {
        #[default]
        Auto = "auto",
        Always = "always",
        Never = "never",
    }
}

impl Colours {
    /// Whether to draw in colour; `plain` says that the surroundings ask for none (`NO_COLOR` is
    /// set, or the terminal has none).
    #[must_use]
    pub fn wanted(self, plain: bool) -> bool {
        match self {
            Colours::Auto => !plain,
            Colours::Always => true,
            Colours::Never => false,
        }
    }
}

choices! {
    /// The way to the clipboard.
    pub enum Clipboard {
        #[default]
        Auto = "auto",
        Osc52 = "osc52",
        Off = "off",
    }
}

choices! {
    /// How the log writes the time of a message.
    pub enum Timestamps {
        #[default]
        Local = "local",
        Utc = "utc",
        Relative = "relative",
    }
}

choices! {
    /// When probes are made after an attempt that failed.
    pub enum Probes {
        #[default]
        Ask = "ask",
        Auto = "auto",
        Off = "off",
    }
}

choices! {
    /// Where the secrets of requests are kept.
    pub enum SecretStore {
        #[default]
        File = "file",
        Keyring = "keyring",
    }
}

settings! {
    own {
        /// The look and manners of the interface.
        interface: Interface {
            /// Colours of the interface. Single ones are changed in theme.toml beside this file.
            theme: ThemeName = ThemeName::Dark;
            /// When to use colours; "auto" heeds NO_COLOR and what the terminal can do.
            colours: Colours = Colours::Auto;
            /// Whether clicks, wheel and drags go to wsdeck. If not, the terminal selects text
            /// with the mouse as usual.
            mouse: bool = true;
            /// Whether to ask before leaving while a connection is open.
            confirm_quit: bool = true;
            /// Where copied text goes: "auto" takes the desktop's clipboard, and the terminal's
            /// (escape sequence OSC 52) over SSH or without a desktop; "osc52" always the
            /// terminal's; "off" keeps it within wsdeck.
            clipboard: Clipboard = Clipboard::Auto;
            /// Probes: attempts that change one thing, to find out why connecting failed. "ask"
            /// makes them when the key is pressed; "auto" makes up to three by itself after a
            /// failure, without credentials and to the same host only; "off" hides them.
            probes: Probes = Probes::Ask;
            /// Whether frames may be made by hand and sent though they break the protocol, for
            /// testing a server: unmasked, reserved bits and opcodes, bad UTF-8.
            tester: bool = false;
            /// URLs and searches that the up key brings back.
            history_size: u32 = 500, from 0 to 100000;
        }
        /// The editor of messages.
        composer: Composer {
            /// Blanks of one indent.
            indent: u8 = 2, from 1 to 16;
            /// Whether long lines go on below instead of to the right.
            wrap: bool = true;
            /// Whether mistakes in JSON and XML are marked. Sending is never forbidden.
            validate: bool = true;
            /// Above this size, in MiB, a file is not loaded but sent as it is read, in frames.
            stream_above_mib: u32 = 64, from 1 to 65536;
            /// Payload bytes of one frame of a file that is sent as it is read, in KiB.
            stream_frame_kib: u32 = 64, from 1 to 1048576;
        }
        /// The message log.
        log: LogView {
            /// Memory for the messages of one connection, in MiB; older ones are read from disk.
            memory_mib: u32 = 64, from 1 to 65536;
            /// Whether messages are written to disk as they come: into private files in the data
            /// folder, so that they survive a crash and need no memory. These files hold what went
            /// over the wire as it was, so tokens that a server says back as well. If not, the
            /// oldest ones are gone when the memory is full.
            keep_on_disk: bool = true;
            /// Disk space for the messages of one tab, in MiB. When it is full the oldest ones go,
            /// and a row of the log counts them.
            disk_mib: u32 = 8192, from 16 to 16777216;
            /// Form of the time: "local", "utc", or "relative" to the message before.
            timestamps: Timestamps = Timestamps::Local;
            /// Whether a new tab shows pings, pongs and closes in its log. They are kept all the
            /// same, and the log's filter brings them back.
            control_frames: bool = true;
            /// Whether replies are paired with their requests by the ids that they carry, which
            /// shows how late they came. If not, it is done while the statistics are open.
            pairs: bool = true;
            /// Columns beside the payload: "auto" shows as many as there is room for.
            columns: Columns = Columns::Auto;
            /// Characters of a message that its row may show.
            preview: u32 = 400, from 20 to 10000;
        }
        /// Passwords, tokens and keys.
        secrets: Secrets {
            /// Where wsdeck keeps what it takes out of the files of requests: "file" is one that
            /// only you can read, "keyring" the keyring of the system. What was kept in the other
            /// place is moved; without a keyring the file is used.
            store: SecretStore = SecretStore::File;
        }
        /// Programs that wsdeck hands the terminal to.
        tools: Tools {
            /// Editor for the message, with its options; empty for $VISUAL or else $EDITOR.
            editor: String = String::new();
            /// Reader for a received message, with its options; empty for $PAGER.
            pager: String = String::new();
        }
    }
    theirs {
        /// What new requests start with. Each request can change all of it for itself.
        request: RequestSettings {
            /// Limit for all stages from looking up the name to the reply 101, in milliseconds.
            connect_timeout_ms: u64, from 1 to 3600000;
            /// Whether the server's certificate must be trusted and fit the name.
            verify: bool;
            /// PEM file of authorities to trust beside the system's; empty for none.
            ca_file: String;
            /// PEM or PKCS#12 file of a client certificate; empty for none.
            cert_file: String;
            /// PEM file of the client certificate's private key; empty for none.
            key_file: String;
            /// Largest message that is accepted, in bytes; 0 for no limit.
            max_message: u64;
            /// Subprotocols to offer, best first.
            subprotocols: Vec<String>;
            /// Attempts to connect anew after a connection was lost; 0 for none.
            reconnect_attempts: u32;
            /// Wait before the first of these attempts, in milliseconds; doubled with each.
            reconnect_interval_ms: u64, from 1 to 3600000;
            /// Time between pings of ours, in milliseconds; 0 for none.
            heartbeat_ms: u64, from 0 to 86400000;
            /// Whether handshake headers of the header table replace wsdeck's own. For testing
            /// servers: most will refuse the outcome.
            override_handshake: bool;
            /// Proxy, like "http://host:port" or "socks5h://host:port"; empty for what the
            /// environment says, "none" for none.
            proxy: String;
            /// Hosts to reach without a proxy; empty for what the environment says (NO_PROXY).
            no_proxy: Vec<String>;
            /// Addresses that stand before DNS, as "HOST:PORT:ADDRESS".
            resolve: Vec<String>;
            /// Addresses to use: all, or those of IPv4 or IPv6 only.
            ip_family: IpFamily;
            /// Server name in the ClientHello instead of the host; empty for the host.
            server_name: String;
            /// Versions of TLS to offer: both, or 1.2 or 1.3 only.
            tls_versions: TlsVersions;
            /// SHA-256 of certificates to trust whoever issued them, in lower-case hex.
            trusted: Vec<String>;
            /// Redirects to follow; 0 shows them only. Credentials stay with their host.
            follow_redirects: u32, from 0 to 20;
            /// Whether to offer compression of messages (permessage-deflate).
            compression: bool;
            /// Whether to send the cookies of the workspace's jar, and to keep those of replies.
            cookies: bool;
        }
    }
}

impl Settings {
    /// The lines of all settings as they are written in `config.toml`: path, value.
    pub fn listing(&self) -> impl Iterator<Item = (String, String)> + '_ {
        SECTIONS.iter().flat_map(move |section| {
            section.fields.iter().map(move |field| (section.path(field), (field.show)(self)))
        })
    }
}

#[cfg(test)]
mod tests;
