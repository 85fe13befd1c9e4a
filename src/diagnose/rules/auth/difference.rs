//! What to do about a difference between two canonical requests.

use crate::core::evidence::CanonicalCause;

/// Next steps in the imperative, best first, at most two.
pub(super) fn hints(cause: &CanonicalCause) -> &'static [&'static str] {
    use CanonicalCause as C;
    match cause {
        C::Method => &["Check which proxy on the way changes the request's method."],
        C::PathSlash => &[
            "Type the path as the server has it, with or without the slash at its end.",
            "Check whether a proxy or load balancer on the way adds or cuts the slash.",
        ],
        C::PathEncoding => &[
            "Type the path in its plain form, and encode each letter at most once.",
            "Check whether a proxy on the way decodes the path.",
        ],
        C::Path => &[
            "Check which proxy or load balancer rewrites the path, and sign what it makes of it.",
            "Use the gateway's own address, without the proxy between.",
        ],
        C::QueryOrder => &[
            "Sort the parameters by their names in the address.",
            "Check whether a proxy on the way changes their order.",
        ],
        C::QueryEncoding { plus: true } => &[
            "Write a blank as %20 and a plus as %2B in the address, never as a bare +.",
            "Check whether a proxy on the way encodes the query anew.",
        ],
        C::QueryEncoding { plus: false } => &[
            "Write the value in its plain form in the Params tab, which encodes it once.",
            "Check whether a proxy on the way encodes the query anew.",
        ],
        C::ParameterAdded { .. } => &[
            "Check which proxy, load balancer or content network adds the parameter.",
            "Use the gateway's own address, without the proxy between.",
        ],
        C::ParameterDropped { .. } => &[
            "Check which proxy, load balancer or content network takes the parameter away.",
            "Remove the parameter from the address if the service does not need it.",
        ],
        C::ParameterChanged { .. } => {
            &["Check which proxy, load balancer or content network changes the parameter."]
        }
        C::HostPort => &[
            "Leave the port out of the address if it is the scheme's own.",
            "Check whether a proxy or load balancer listens on another port than the gateway.",
        ],
        C::HostName => &[
            "Use the host name that the gateway itself has.",
            "Let the proxy or load balancer pass the Host header on as it came.",
        ],
        C::SignedHeaders => &[
            "Check the list of signed headers in the Auth tab.",
            "Check whether a proxy on the way changes the Authorization header.",
        ],
        C::HeaderChanged { .. } => &[
            "Take the header out of the signed ones if the service does not need it there.",
            "Check which proxy on the way changes it.",
        ],
        C::HeaderDropped { .. } => &[
            "Take the header out of the signed ones if the service does not need it there.",
            "Check which proxy on the way drops it.",
        ],
        C::PayloadHash => {
            &["Remove a header such as X-Sdk-Content-Sha256: a handshake has no payload."]
        }
        C::Scope => &["Set the region and the service that the server names in the Auth tab."],
        C::Unseen => &[
            "Check that secret and key belong together.",
            "Ask the operator for the whole canonical request from the gateway's log.",
        ],
        C::Secret => &[
            "Paste the secret key again, whole and without blanks.",
            "Check that secret and key belong together: making a new pair ends the old secret.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_one_or_two_steps() {
        use CanonicalCause as C;
        let name = || "x".to_owned();
        for cause in [
            C::Method,
            C::PathSlash,
            C::PathEncoding,
            C::Path,
            C::QueryOrder,
            C::QueryEncoding { plus: true },
            C::QueryEncoding { plus: false },
            C::ParameterAdded { name: name() },
            C::ParameterDropped { name: name() },
            C::ParameterChanged { name: name() },
            C::HostPort,
            C::HostName,
            C::SignedHeaders,
            C::HeaderChanged { name: name() },
            C::HeaderDropped { name: name() },
            C::PayloadHash,
            C::Scope,
            C::Unseen,
            C::Secret,
        ] {
            let hints = hints(&cause);
            assert!((1..=2).contains(&hints.len()), "{cause:?}");
            assert!(hints.iter().all(|hint| hint.ends_with('.')), "{cause:?}");
        }
    }
}
