"""`cat --echo` through the Autobahn cases, which kosoku serves; see README.md beside it.

One run of wsdeck is one case. The verdict is the server's: it looks at the frames that came back,
and at the closing handshake.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time

from kosoku import FailureError, run_fuzzingserver

GROUPS = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"]

# Compression, group 12 with kinds of data and group 13 with sets of parameters. Each case is a
# thousand messages; of their sizes (the last number) a few, since the longest take minutes: 1024
# and 8192 bytes, and 8192 in fragments of 256. In kosoku 0.1 those of 16 bytes and 12.5 fail by
# themselves ("Strings must be encoded before hashing").
SIZES = (4, 6, 11)
COMPRESSED = [f"12.{part}.{size}" for part in range(1, 5) for size in SIZES]
COMPRESSED += [f"13.{part}.{size}" for part in (1, 3, 4, 7) for size in SIZES]

# These want an offer that mentions client_no_context_takeover, so it is given as a header.
HINTED = [f"13.{part}.{size}" for part in (2, 5, 6) for size in SIZES]
HINT = [
    "--header",
    "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover;"
    " client_max_window_bits",
]

# Fewer cases than these groups have would mean that the suite has changed under us.
AT_LEAST = 247 + len(COMPRESSED) + len(HINTED)

AGENT = "wsdeck"
TIME_LIMIT = 60


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wsdeck", required=True, help="the binary under test")
    parser.add_argument("--case", action="append", help="run these only, such as 6.4.* (repeatable)")
    parser.add_argument("--at-once", type=int, default=4, help="cases at the same time")
    return parser.parse_args()


async def wsdeck(binary, env, *arguments):
    """Runs to the end and answers with exit code, standard output and standard error."""
    process = await asyncio.create_subprocess_exec(
        binary,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), TIME_LIMIT)
    except TimeoutError:
        process.kill()
        await process.wait()
        return None, b"", f"not finished after {TIME_LIMIT} seconds".encode()
    return process.returncode, out, err


async def drive(server, binary, env, at_once, options):
    """Every case once; answers with what went wrong on our side, by the number of the case."""
    base = f"ws://{server.address}:{server.port}"
    _, out, err = await wsdeck(binary, env, "cat", "--no-input", f"{base}/getCaseCount")
    if not out.strip().isdigit():
        raise RuntimeError(f"getCaseCount answered {out!r} {err!r}")
    troubles, free = {}, asyncio.Semaphore(at_once)

    async def one(number):
        async with free:
            url = f"{base}/runCase?case={number}&agent={AGENT}"
            code, _, err = await wsdeck(binary, env, "cat", "--echo", url, *options)
            # 17: the case broke the connection on purpose, or we broke the case. The server knows.
            if code not in (0, 17) or b"panicked at" in err:
                troubles[number] = f"exit code {code}: {err[-500:].decode(errors='replace')}"

    await asyncio.gather(*(one(number) for number in range(1, int(out) + 1)))
    await wsdeck(binary, env, "cat", "--no-input", f"{base}/updateReports?agent={AGENT}")
    return troubles


async def main():
    args = arguments()
    binary, start = os.path.abspath(args.wsdeck), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wsdeck-autobahn-") as home:
        env = os.environ | {"HOME": home, "WSDECK_CONFIG_DIR": home, "WSDECK_DATA_DIR": home}
        runs = [(args.case, [])] if args.case else [(GROUPS + COMPRESSED, []), (HINTED, HINT)]
        results = []
        for cases, options in runs:
            async with run_fuzzingserver(cases, host="127.0.0.1", port=0) as server:
                ended = asyncio.ensure_future(server.get_result())
                troubles = await drive(server, binary, env, args.at_once, options)
                try:
                    seen = await asyncio.wait_for(ended, TIME_LIMIT)
                except FailureError as failure:
                    seen = failure.results
            results += [(result, troubles.get(result.case_index)) for result in seen]
    failed = 0
    for result, trouble in results:
        if result.case_id.startswith(("12.", "13.")) and result.behavior.value != "OK":
            # Where it is not agreed on, the suite has nothing to say against it.
            trouble = trouble or "compression was not agreed on, or not to the suite's liking"
        if result.passed and not trouble:
            continue
        failed += 1
        print(f"FAIL  {result.case_id}  {result.description}")
        print(f"      {result.behavior.value}: {result.result}")
        print(f"      closing: {result.behavior_close.value}: {result.result_close}")
        print(f"      expected: {result.expectation}")
        if trouble:
            print(f"      wsdeck: {trouble}")
    kinds = {}
    for result, _ in results:
        kinds[result.behavior.value] = kinds.get(result.behavior.value, 0) + 1
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    print(f"{counted}; {time.monotonic() - start:.1f} s")
    if not args.case and len(results) < AT_LEAST:
        print(f"FAIL  only {len(results)} cases, {AT_LEAST} expected at least")
        failed += 1
    print(f"autobahn: {len(results) - min(failed, len(results))} passed, {failed} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
