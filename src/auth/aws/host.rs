//! Region and service from the names that AWS gives to its hosts.

/// What a host's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guess<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

/// Services whose name in signatures is another one than in their hosts.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("iot", "iotdevicegateway"),
    ("bedrock-runtime", "bedrock"),
    ("transcribestreaming", "transcribe"),
    ("appsync-realtime-api", "appsync"),
    ("appsync-api", "appsync"),
    ("lambda-url", "lambda"),
];

/// Reads `ID.SERVICE.REGION.amazonaws.com` and its relatives.
pub(super) fn guess(host: &str) -> Option<Guess<'_>> {
    let ends = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".on.aws"];
    let rest = ends.iter().find_map(|end| host.strip_suffix(end))?;
    let (before, region) = rest.rsplit_once('.')?;
    if !is_region(region) {
        return None;
    }
    let name = before.rsplit('.').next()?;
    let name = name.strip_suffix("-fips").unwrap_or(name);
    let service = OTHER_NAMES.iter().find(|(known, _)| *known == name).map_or(name, |(_, n)| n);
    Some(Guess { region, service })
}

/// `eu-west-1`, `us-gov-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    parts.len() >= 3
        && first.len() == 2
        && last.len() <= 2
        && last.parse::<u8>().is_ok()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_are_read() {
        for (host, expected) in [
            ("abc.execute-api.eu-west-1.amazonaws.com", Some(("eu-west-1", "execute-api"))),
            ("abc-ats.iot.us-east-2.amazonaws.com", Some(("us-east-2", "iotdevicegateway"))),
            ("bedrock-agentcore.us-west-2.amazonaws.com", Some(("us-west-2", "bedrock-agentcore"))),
            ("bedrock-runtime.us-west-2.amazonaws.com", Some(("us-west-2", "bedrock"))),
            (
                "transcribestreaming.eu-central-1.amazonaws.com",
                Some(("eu-central-1", "transcribe")),
            ),
            ("abc.execute-api.cn-north-1.amazonaws.com.cn", Some(("cn-north-1", "execute-api"))),
            ("x.lambda-url.us-gov-east-1.on.aws", Some(("us-gov-east-1", "lambda"))),
            ("amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("a.example", None),
            ("execute-api.eu-west-1.amazonaws.com.evil.example", None),
        ] {
            let expected = expected.map(|(region, service)| Guess { region, service });
            assert_eq!(guess(host), expected, "{host}");
        }
    }
}
