//! 401 and 403.

use super::super::row::{Row, practice, reply};

/// A JWT that ended in 2001: `{"alg":"HS256","typ":"JWT"}`, `{"sub":"ann","exp":1000000000}`.
const EXPIRED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
                       eyJzdWIiOiJhbm4iLCJleHAiOjEwMDAwMDAwMDB9.c2lnbmF0dXJl";

const UNAUTHORIZED: &str = "401 Unauthorized";
const FORBIDDEN: &str = "403 Forbidden";

pub fn unauthorized() -> Vec<Row> {
    let no = |id, challenge: &str, body: &str| {
        let challenge = match challenge {
            "" => String::new(),
            value => format!("WWW-Authenticate: {value}\r\n"),
        };
        reply(id, UNAUTHORIZED, &challenge, body)
    };
    let vendor = |id, body: &str| reply(id, UNAUTHORIZED, "Server: api-gateway\r\n", body).bearer();
    vec![
        practice("http/401-no-credentials", "/auth/bearer"),
        practice("http/401-no-credentials", "/auth/basic"),
        no("http/401-no-credentials", "", ""),
        no(
            "http/401-bearer-expired",
            "Bearer error=\"invalid_token\", error_description=\"The access token expired\"",
            "",
        )
        .bearer(),
        no("http/401-bearer-expired", "", "TokenExpiredError: jwt expired")
            .auth("bearer", &[("token", EXPIRED)]),
        no("http/401-bearer-invalid", "Bearer realm=\"a\", error=\"invalid_token\"", "").bearer(),
        practice("http/401-bearer-invalid", "/auth/bearer")
            .bearer()
            .or(&["http/401-bare", "http/401-query-token"], "whether it says invalid_token is its own matter"),
        no("http/401-wrong-scheme", "Bearer realm=\"api\"", "").basic(),
        practice("http/401-basic-refused", "/auth/basic").basic(),
        no("http/401-digest", "Digest realm=\"x\", nonce=\"y\", qop=\"auth\", algorithm=SHA-256", ""),
        no("http/401-negotiate", "Negotiate", ""),
        no("http/401-api-key", "Key realm=\"kong\"", "{\"message\":\"No API key found in request\"}"),
        no(
            "http/401-api-key",
            "",
            "{ \"statusCode\": 401, \"message\": \"Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.\" }",
        ),
        no("http/401-query-token", "", "").bearer().among(),
        vendor(
            "http/401-signature-clock",
            "{\"error_msg\":\"Incorrect IAM authentication information: signature expired, signature time:20191115T033655Z,server time:20191115T044002Z\",\"error_code\":\"APIG.0301\",\"request_id\":\"a\"}",
        ),
        vendor(
            "http/401-signature-mismatch",
            "{\"error_msg\":\"Incorrect IAM authentication information: verify aksk signature fail\",\"error_code\":\"APIG.0301\",\"request_id\":\"b\"}",
        ),
        practice("http/401-signature-mismatch", "/auth/huawei")
            .header("X-Sdk-Date", "20191115T033655Z")
            .header(
                "Authorization",
                "SDK-HMAC-SHA256 Access=PRACTICEACCESSKEY, SignedHeaders=host;x-sdk-date, Signature=00",
            )
            .or(&["http/401-signature-clock"], "the date is old as well"),
        vendor(
            "http/401-key-unknown",
            "{\"error_msg\":\"Incorrect IAM authentication information: Get secretKey failed, ak:QTWA, err:ak not exist\",\"error_code\":\"APIG.0301\",\"request_id\":\"c\"}",
        ),
        vendor(
            "http/401-key-locked",
            "{\"error_msg\":\"Incorrect IAM authentication information: AK access failed to reach the limit,forbidden\",\"error_code\":\"APIG.0301\",\"request_id\":\"d\"}",
        ),
        reply("http/401-stripped", UNAUTHORIZED, "Via: 1.1 varnish\r\n", "").bearer().among(),
        no("http/401-bare", "", "no").bearer(),
        vendor(
            "http/401-vendor-code",
            "{\"error_msg\":\"Incorrect authentication information\",\"error_code\":\"APIG.0399\",\"request_id\":\"e\"}",
        ),
        practice("http/401-bearer-invalid", "/auth/token")
            .auth("huawei-token", &[("token", "wrong")])
            .or(&["http/401-vendor-code"], "the vendor's table may know the code, not the words"),
    ]
}

pub fn forbidden() -> Vec<Row> {
    let no = |id, headers: &str, body: &str| reply(id, FORBIDDEN, headers, body);
    vec![
        no("http/403-origin", "", "websocket: request origin not allowed by Upgrader.CheckOrigin\n"),
        no("http/403-origin", "", "Failed to open a WebSocket connection: invalid Origin header: https://a.example.\n")
            .header("Origin", "https://a.example"),
        no("http/403-origin", "", "Invalid CORS request"),
        practice("http/403-origin", "/origin").header("Origin", "https://a.example"),
        no(
            "http/403-origin-unwanted",
            "Content-Type: text/html\r\n",
            "Rejected an incoming WebSocket connection from the http://a.example origin. Use the command line flag --remote-allow-origins=http://a.example to allow connections from this origin or --remote-allow-origins=* to allow all origins.",
        )
        .header("Origin", "http://a.example"),
        no("http/403-host-not-allowed", "", "Blocked request. This host (\"a.example\") is not allowed.\nTo allow this host, add \"a.example\" to `server.allowedHosts` in vite.config.js."),
        no("http/403-host-not-allowed", "", "<h1>Blocked hosts: a.example</h1>"),
        no("http/403-host-not-allowed", "", "Invalid Host/Origin header"),
        no("http/403-waf", "Server: cloudflare\r\nCF-RAY: 8a1-FRA\r\ncf-mitigated: challenge\r\n", "<title>Just a moment...</title>"),
        no("http/403-waf", "Server: cloudflare\r\nCF-RAY: 8a1-FRA\r\n", "error code: 1020"),
        no("http/403-waf", "X-Sucuri-ID: 15001\r\n", "<title>Sucuri WebSite Firewall - Access Denied</title>"),
        no("http/403-waf", "", "<iframe src=\"/_Incapsula_Resource?SWUDNSAI=31\">Request unsuccessful. Incapsula incident ID: 1234-5678</iframe>"),
        no("http/403-waf", "Server: AkamaiGHost\r\n", "Access Denied. Reference #18.2d351ab8.1557333295.a4e16ab"),
        no("http/403-ip", "x-deny-reason: host_not_allowed\r\n", "Your IP address 203.0.113.7 is not allowed to access this resource"),
        no("http/403-scope", "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"chat\"\r\n", "").bearer(),
        no("http/403-scope", "", "User is not authorized to perform: feed:Connect").bearer(),
        no("http/403-app-reject", "Server: uvicorn\r\n", ""),
        no("http/403-app-reject", "server: Cowboy\r\n", ""),
        no("http/403-envoy-upgrade", "server: istio-envoy\r\n", ""),
        no("http/403-aws", "x-amzn-ErrorType: ForbiddenException\r\n", "{\"message\":\"Forbidden\"}"),
        no("http/403-aws", "", "{\"message\":\"Missing Authentication Token\"}"),
        no("http/403-aws", "", "{\"message\":\"Forbidden\"}").host("a1b2c3.execute-api.eu-west-1.amazonaws.com"),
        no("http/403-csrf", "", "Forbidden (403) CSRF verification failed. Request aborted."),
        no("http/403-account", "", "your account has no subscription for this model").bearer(),
        no("http/403-bare", "", ""),
        no("http/403-bare", "", "go away"),
    ]
}
