//! From a name to addresses: a literal, a fixed answer, or the operating system's resolver (which
//! knows the hosts file, split DNS of a VPN and mDNS).

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::core::evidence::{DnsFacts, DnsProblem, DnsSource, Failure, FailureKind};
use crate::core::request::{IpFamily, RequestSpec};
use crate::core::stage::Stage;
use crate::core::url;
use crate::net::recorder::Recorder;

pub(super) async fn resolve(
    host: &str,
    port: u16,
    spec: &RequestSpec,
    recorder: &mut Recorder,
) -> Result<Vec<SocketAddr>, Failure> {
    recorder.begin(Stage::Dns);
    let (source, known) = known(host, port, spec);
    recorder.evidence.dns = Some(DnsFacts { host: host.to_owned(), source, ..DnsFacts::default() });
    let looked_up = match known {
        Some(answers) => Ok(answers),
        None => look_up(host, port).await,
    };
    let answers = looked_up.map_err(|mut failure| {
        failure.text = recorder.clean(&failure.text);
        if let Some(facts) = &mut recorder.evidence.dns {
            facts.error = Some(failure.text.clone());
        }
        failure
    })?;
    if let Some(facts) = &mut recorder.evidence.dns {
        facts.answers = answers.iter().map(SocketAddr::ip).collect();
    }
    let fitting = fitting(host, answers, spec)?;
    recorder.succeed(match fitting.as_slice() {
        [one] => one.ip().to_string(),
        many => format!("{} addresses", many.len()),
    });
    Ok(fitting)
}

/// As [`resolve`], without a stage and a record of its own: for the name of a proxy where the
/// stage is about the server's.
pub(super) async fn quietly(
    host: &str,
    port: u16,
    spec: &RequestSpec,
) -> Result<Vec<SocketAddr>, Failure> {
    let answers = match known(host, port, spec).1 {
        Some(answers) => answers,
        None => look_up(host, port).await?,
    };
    fitting(host, answers, spec)
}

/// Asks the operating system.
async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let answers = match tokio::net::lookup_host((host, port)).await {
        Ok(answers) => answers,
        Err(error) => {
            // Only the system knows its interfaces, so the zone of a literal is asked for as well.
            if let (_, Some(zone)) = url::split_zone(host) {
                let text = format!("this machine has no network interface {zone} ({error})");
                return Err(failure(DnsProblem::Other, text));
            }
            return Err(failure(problem_of(&error), error.to_string()));
        }
    };
    let mut unique = Vec::new();
    for address in answers {
        // A scope id belongs to the address, so the whole is kept.
        if !unique.contains(&address) {
            unique.push(address);
        }
    }
    Ok(unique)
}

/// Those of the family that the request allows; at least one.
fn fitting(
    host: &str,
    answers: Vec<SocketAddr>,
    spec: &RequestSpec,
) -> Result<Vec<SocketAddr>, Failure> {
    let fitting: Vec<SocketAddr> = answers
        .into_iter()
        .filter(|address| match spec.ip_family {
            IpFamily::Any => true,
            IpFamily::V4 => address.is_ipv4(),
            IpFamily::V6 => address.is_ipv6(),
        })
        .collect();
    if fitting.is_empty() {
        let text = match spec.ip_family {
            IpFamily::Any => format!("{host} has no address"),
            IpFamily::V4 => format!("{host} has no IPv4 address, and only IPv4 is allowed"),
            IpFamily::V6 => format!("{host} has no IPv6 address, and only IPv6 is allowed"),
        };
        return Err(failure(DnsProblem::NoAddress, text));
    }
    Ok(fitting)
}

fn failure(problem: DnsProblem, text: String) -> Failure {
    Failure { stage: Stage::Dns, kind: FailureKind::Dns(problem), text }
}

/// Answers that need no resolver.
fn known(host: &str, port: u16, spec: &RequestSpec) -> (DnsSource, Option<Vec<SocketAddr>>) {
    let fixed: Vec<SocketAddr> = spec
        .resolve
        .iter()
        .filter(|rule| rule.host.eq_ignore_ascii_case(host) && rule.port == port)
        .map(|rule| SocketAddr::new(rule.address, port))
        .collect();
    if !fixed.is_empty() {
        return (DnsSource::Override, Some(fixed));
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return (DnsSource::Literal, Some(vec![SocketAddr::new(ip, port)]));
    }
    match url::split_zone(host) {
        (ip, Some(zone)) => {
            // A zone may be its number; its name only the system can tell.
            let numbered = ip.parse::<Ipv6Addr>().ok().zip(zone.parse::<u32>().ok());
            let address = numbered
                .map(|(ip, zone)| vec![SocketAddr::V6(SocketAddrV6::new(ip, port, 0, zone))]);
            (DnsSource::Literal, address)
        }
        _ => (DnsSource::System, None),
    }
}

/// The resolver's error by its text, since the standard library gives no more than that on Unix:
/// the words of `gai_strerror` in glibc, musl and the BSDs; on Windows by number.
fn problem_of(error: &io::Error) -> DnsProblem {
    match error.raw_os_error() {
        Some(11001) => return DnsProblem::NotFound,
        Some(11002) => return DnsProblem::TryAgain,
        Some(11003) => return DnsProblem::Failed,
        Some(11004) => return DnsProblem::NoAddress,
        _ => {}
    }
    let text = error.to_string().to_ascii_lowercase();
    let has = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if has(&["no address associated", "no usable address"]) {
        DnsProblem::NoAddress
    } else if has(&["temporary failure", "try again"]) {
        DnsProblem::TryAgain
    } else if has(&["non-recoverable", "nonrecoverable", "unrecoverable"]) {
        DnsProblem::Failed
    } else if has(&["not known", "does not resolve", "not found", "nodename nor servname"]) {
        DnsProblem::NotFound
    } else {
        DnsProblem::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolvers_say_it_in_their_own_words() {
        let lookup = "failed to lookup address information: ";
        let cases = [
            ("Name or service not known", DnsProblem::NotFound),
            ("nodename nor servname provided, or not known", DnsProblem::NotFound),
            ("Name does not resolve", DnsProblem::NotFound),
            ("Temporary failure in name resolution", DnsProblem::TryAgain),
            ("Try again", DnsProblem::TryAgain),
            ("No address associated with hostname", DnsProblem::NoAddress),
            ("Name has no usable address", DnsProblem::NoAddress),
            ("Non-recoverable failure in name resolution", DnsProblem::Failed),
            ("System error", DnsProblem::Other),
        ];
        for (text, problem) in cases {
            assert_eq!(problem_of(&io::Error::other(format!("{lookup}{text}"))), problem, "{text}");
        }
    }
}
