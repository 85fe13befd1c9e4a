//! Close codes: what RFC 6455 section 7.4 and the IANA registry say of them.

/// Name of a close code in the IANA "WebSocket Close Code Number Registry", or of its range.
#[must_use]
pub fn code_name(code: u16) -> &'static str {
    match code {
        1000 => "Normal Closure",
        1001 => "Going Away",
        1002 => "Protocol Error",
        1003 => "Unsupported Data",
        1004 => "Reserved",
        1005 => "No Status Received",
        1006 => "Abnormal Closure",
        1007 => "Invalid Payload Data",
        1008 => "Policy Violation",
        1009 => "Message Too Big",
        1010 => "Mandatory Extension",
        1011 => "Internal Error",
        1012 => "Service Restart",
        1013 => "Try Again Later",
        1014 => "Bad Gateway",
        1015 => "TLS Handshake",
        3000 => "Unauthorized",
        3003 => "Forbidden",
        3008 => "Timeout",
        0..=999 => "Not Used",
        1016..=2999 => "Reserved for the Protocol",
        3001..=3002 | 3004..=3007 | 3009..=3999 => "Registered Use",
        4000..=4999 => "Private Use",
        5000.. => "Not a Close Code",
    }
}

/// Whether an endpoint may put this code into a close frame (RFC 6455 section 7.4).
///
/// 1005, 1006 and 1015 only name what happened; they never go over the wire.
#[must_use]
pub fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_only_name_what_happened_are_not_sent() {
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] {
            assert!(!may_be_sent(code), "{code}");
        }
        for code in [1000, 1001, 1011, 3000, 4999] {
            assert!(may_be_sent(code), "{code}");
        }
    }

    #[test]
    fn every_code_has_a_name() {
        for code in 0..=u16::MAX {
            assert!(!code_name(code).is_empty());
        }
    }
}
