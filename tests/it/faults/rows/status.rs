//! 404 and all the other statuses.

use super::super::row::{Row, practice, reply};

pub fn rows() -> Vec<Row> {
    let missing = |id, headers: &str, body: &str| reply(id, "404 Not Found", headers, body);
    vec![
        missing("http/404-path", "Server: nginx\r\n", "<h1>404 Not Found</h1>"),
        practice("http/404-path", "/nowhere"),
        missing("http/404-default-backend", "", "default backend - 404"),
        missing("http/404-default-backend", "", "404 page not found\n"),
        missing(
            "http/404-default-backend",
            "Server: kong/3.4\r\n",
            "{\"message\":\"no Route matched with those values\"}",
        ),
        missing("http/404-no-ws-support", "server: uvicorn\r\n", "{\"detail\":\"Not Found\"}"),
        missing(
            "http/404-no-ws-support",
            "X-Powered-By: Express\r\n",
            "<pre>Cannot GET /feed</pre>",
        ),
        missing("http/404-origin-cable", "", "Page not found").at("/cable"),
        missing("http/404-signalr", "", "No Connection with that ID"),
        reply("http/404-signalr", "400 Bad Request", "", "Connection ID required"),
        missing("http/404-resource", "", "{\"message\":\"Kernel does not exist: 7e5b\"}")
            .at("/api/kernels/7e5b/channels")
            .or(&["msg/jupyter"], "the path is that of Jupyter, which is more special"),
        missing("http/404-resource", "", "No such target id: 8F2C").at("/devtools/page/8F2C"),
        practice("http/405", "/status/405"),
        reply("http/406-415", "406 Not Acceptable", "", "").header("Accept", "text/event-stream"),
        reply("http/406-415", "415 Unsupported Media Type", "", "")
            .header("Content-Type", "application/json"),
        practice("http/407-transparent", "/status/407"),
        practice("http/408", "/status/408"),
        reply("http/409-429-conn-limit", "429 Too Many Requests", "", "too many connections"),
        reply(
            "http/409-429-conn-limit",
            "409 Conflict",
            "",
            "{\"message\":\"max sessions reached\"}",
        ),
        practice("http/410", "/status/410"),
        practice("http/411-413-414", "/status/414"),
        practice("http/411-413-414", "/status/413"),
        reply(
            "http/421",
            "421 Misdirected Request",
            "Server: Apache\r\n",
            "The client needs a new connection for this request as the requested host name does not match the Server Name Indication (SNI) in use for this connection.",
        ),
        practice("http/426-upgrade", "/status/426"),
        reply(
            "http/426-upgrade",
            "426 Upgrade Required",
            "Upgrade: websocket\r\n",
            "Failed to open a WebSocket connection: missing Upgrade header.\n\nYou cannot access a WebSocket server directly with a browser. You need a WebSocket client.\n",
        ),
        reply(
            "http/426-http10",
            "426 Upgrade Required",
            "server: istio-envoy\r\n",
            "Upgrade Required",
        ),
        reply("http/426-tls", "426 Upgrade Required", "Upgrade: TLS/1.2, HTTP/1.1\r\n", ""),
        reply("http/426-tls", "426 Upgrade Required", "Upgrade: h2c\r\n", ""),
        reply("http/429", "429 Too Many Requests", "Retry-After: 30\r\n", ""),
        reply("http/431", "431 Request Header Fields Too Large", "", ""),
        reply("http/431", "494 Request Header Too Large", "Server: api-gateway\r\n", ""),
        reply("http/464", "464 ", "Server: awselb/2.0\r\n", ""),
        practice("http/500", "/status/500"),
        reply(
            "http/500",
            "500 Internal Server Error",
            "X-Request-Id: r-1\r\n",
            "websocket: response does not implement http.Hijacker",
        ),
        practice("http/501-505", "/status/501"),
        practice("http/501-505", "/status/505"),
        reply(
            "http/502",
            "502 Bad Gateway",
            "Server: nginx/1.24.0\r\n",
            "<html><body><center><h1>502 Bad Gateway</h1></center></body></html>",
        ),
        reply("http/502", "502 Bad Gateway", "Server: awselb/2.0\r\n", ""),
        reply("http/503", "503 Service Unavailable", "server: envoy\r\n", "no healthy upstream"),
        reply("http/503", "503 Service Unavailable", "Retry-After: 120\r\n", ""),
        reply(
            "http/503",
            "503 Service Unavailable",
            "",
            "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>",
        ),
        reply(
            "http/504",
            "504 Gateway Timeout",
            "",
            "{\"message\": \"Endpoint request timed out\"}",
        ),
        reply("http/52x", "522 ", "Server: cloudflare\r\nCF-RAY: 8a1-FRA\r\n", "error code: 522"),
        reply("http/52x", "525 ", "Server: cloudflare\r\n", "error code: 525"),
        reply(
            "http/platform-no-ws",
            "404 Not Found",
            "Server: Vercel\r\n",
            "The page could not be found",
        )
        .among(),
        reply("http/platform-no-ws", "405 Method Not Allowed", "Server: AmazonS3\r\n", "").among(),
        practice("http/other-status", "/status/418"),
        practice("http/other-status", "/status/599"),
        reply(
            "http/vendor-code",
            "404 Not Found",
            "Server: api-gateway\r\n",
            "{\"error_msg\":\"The API does not exist or has not been published in the environment\",\"error_code\":\"APIG.0101\",\"request_id\":\"f\"}",
        ),
    ]
}
