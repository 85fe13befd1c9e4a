//! What a signature costs an attempt: a whole request made ready with AK/SK or AWS Signature V4,
//! beside one that carries a token and beside the hashes alone, which no signer can do without.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use wsdeck::auth;
use wsdeck::core::request::{Files, RequestDraft};
use wsdeck::core::time::Micros;

const URL: &str = "wss://infer-modelarts-cn-north-4.modelarts-infer.com/v1/infers/\
                   468d146d-278a-4ca2-8830-0b6fb37d3b72/ws?stream=true&model=small&a=1&b=2";

/// Any time that has a date of four digits.
const NOW: Micros = Micros(1_800_000_000_000_000);

fn draft(kind: &str, values: &[(&str, &str)]) -> RequestDraft {
    let mut draft = RequestDraft::default();
    draft.set_url(URL.into());
    draft.auth.kind = kind.into();
    for (name, value) in values {
        draft.auth.set(name, (*value).into());
    }
    draft
}

fn signing(c: &mut Criterion) {
    let mut group = c.benchmark_group("signing");
    // About as long as the canonical request of that address.
    let text = vec![b'x'; 320];
    group.bench_function("two hashes and an HMAC", |b| {
        b.iter(|| {
            let hash = Sha256::digest(black_box(&text));
            let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").expect("any length is a key");
            mac.update(&hash);
            (mac.finalize().into_bytes(), Sha256::digest(b""))
        });
    });
    for (kind, values) in [
        ("bearer", &[("token", "practice-token")][..]),
        ("huawei-aksk", &[("access-key", "AK"), ("secret-key", "SK")]),
        (
            "aws-sigv4",
            &[("access-key", "AKID"), ("secret-key", "SK"), ("region", "r"), ("service", "s")],
        ),
    ] {
        let draft = draft(kind, values);
        group.bench_function(format!("a request with {kind}"), |b| {
            b.iter(|| {
                auth::prepare(black_box(&draft), Files::default(), NOW).expect("it is whole")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, signing);
criterion_main!(benches);
