//! Following redirects, if the user asked for it. What goes along and what stays is decided by
//! [`RequestSpec::redirected`]; here the hops are counted and loops noticed.

use super::{Dialed, once};
use crate::core::evidence::{Failure, HttpProblem};
use crate::core::request::RequestSpec;
use crate::net::recorder::Recorder;

/// Dials, and dials again where the answer is a redirect that may be followed. A redirect that is
/// not followed is an answer like any other.
pub(super) async fn follow(spec: &RequestSpec, recorder: &mut Recorder) -> Result<Dialed, Failure> {
    let mut dialed = Box::pin(once(spec, recorder)).await?;
    let mut visited = vec![spec.full_url()];
    let mut hop = None::<RequestSpec>;
    for _ in 0..spec.follow_redirects {
        let Dialed::Refused(refusal) = &mut dialed else { break };
        let Some((status, location)) = refusal.redirect() else { break };
        let Some((next, record)) = hop.as_ref().unwrap_or(spec).redirected(status, &location)
        else {
            break;
        };
        let url = next.full_url();
        if visited.contains(&url) {
            refusal.problem = HttpProblem::RedirectLoop;
            break;
        }
        visited.push(url);
        // The connection that redirected is of no use any more.
        drop(dialed);
        recorder.redirected(record, next.facts.clone());
        dialed = Box::pin(once(&next, recorder)).await?;
        hop = Some(next);
    }
    Ok(dialed)
}
