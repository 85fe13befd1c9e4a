//! Errors of the operating system in the words of the evidence.

use std::io::{Error, ErrorKind};

use crate::core::evidence::IoProblem;

/// What kind of trouble an error is.
pub(super) fn io_problem(error: &Error) -> IoProblem {
    if tls_error(error).is_some() {
        return IoProblem::Tls;
    }
    match error.kind() {
        ErrorKind::ConnectionRefused => IoProblem::Refused,
        ErrorKind::TimedOut => IoProblem::TimedOut,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            IoProblem::Reset
        }
        ErrorKind::UnexpectedEof | ErrorKind::WriteZero => IoProblem::Eof,
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => IoProblem::Unreachable,
        ErrorKind::NotFound => IoProblem::NotFound,
        ErrorKind::PermissionDenied => IoProblem::Permission,
        ErrorKind::AddrInUse | ErrorKind::OutOfMemory => IoProblem::LocalLimit,
        // EMFILE, ENFILE and ENOBUFS have no kind of their own.
        _ => match error.raw_os_error() {
            #[cfg(unix)]
            Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS) => IoProblem::LocalLimit,
            _ => IoProblem::Other,
        },
    }
}

/// The error's own words.
pub(super) fn io_text(error: &Error) -> String {
    error.to_string()
}

/// The TLS library's error inside an error of the stream, if it is one.
pub(super) fn tls_error(error: &Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tls_error_is_found_inside() {
        let error = Error::new(
            ErrorKind::InvalidData,
            rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired),
        );
        assert!(tls_error(&error).is_some());
        assert_eq!(io_problem(&error), IoProblem::Tls);
        assert!(tls_error(&ErrorKind::ConnectionReset.into()).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn numbers_of_the_system_find_their_kind() {
        let cases = [
            (libc::ECONNREFUSED, IoProblem::Refused),
            (libc::ETIMEDOUT, IoProblem::TimedOut),
            (libc::ECONNRESET, IoProblem::Reset),
            (libc::EPIPE, IoProblem::Reset),
            (libc::EHOSTUNREACH, IoProblem::Unreachable),
            (libc::ENETUNREACH, IoProblem::Unreachable),
            (libc::EACCES, IoProblem::Permission),
            (libc::ENOENT, IoProblem::NotFound),
            (libc::EMFILE, IoProblem::LocalLimit),
            (libc::EADDRINUSE, IoProblem::LocalLimit),
            (libc::EIO, IoProblem::Other),
        ];
        for (number, problem) in cases {
            assert_eq!(io_problem(&Error::from_raw_os_error(number)), problem, "{number}");
        }
    }
}
