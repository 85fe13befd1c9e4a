"""Runs the cases of cases.py and says which failed; see README.md beside it."""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import cases
import faults
import payloads
from client import Client, Wrong
from faults import Faults
from peers import Peers


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wsdeck", required=True, help="the binary under test")
    parser.add_argument("--node-modules", required=True, help="folder that has Node's ws")
    parser.add_argument("--only", default="", help="run the cases whose name contains this")
    parser.add_argument("--list", action="store_true", help="only name the cases")
    return parser.parse_args()


def main():
    args = arguments()
    if args.list:
        variants = dict.fromkeys(("fresh", "small", "smallest", "mixed"), 0)
        nobody = SimpleNamespace(node=0, websockets=0, nginx=0, ca="", deflate=variants)
        listed = [*cases.all_cases(nobody), *faults.all_cases("")]
        print("\n".join(name for name, _, _ in listed))
        return 0
    passed, failed = 0, []
    with tempfile.TemporaryDirectory(prefix="wsdeck-interop-") as folder:
        folder = Path(folder)
        home, stored = folder / "home", folder / "payloads"
        home.mkdir()
        stored.mkdir()
        made = payloads.make()
        for name, content in made.items():
            (stored / name).write_bytes(content)
        with Peers(folder, stored, args.node_modules) as peers, Faults(peers) as wrong_ones:
            client = Client(args.wsdeck, str(home))
            world = SimpleNamespace(client=client, peers=peers, payloads=made, faults=wrong_ones)
            for name, function, given in [*cases.all_cases(peers), *faults.all_cases(peers.ca)]:
                if args.only not in name:
                    continue
                start = time.monotonic()
                try:
                    function(world, *given)
                except (Wrong, ValueError, KeyError, IndexError) as wrong:
                    failed.append(name)
                    why = str(wrong) if isinstance(wrong, Wrong) else repr(wrong)
                    print(f"FAIL  {name}\n      " + why.replace("\n", "\n      "), flush=True)
                else:
                    passed += 1
                    print(f"ok    {name}  {time.monotonic() - start:.2f} s", flush=True)
            if failed and (log := peers.log()):
                print(f"what the servers said:\n{log}")
    if failed:
        print("failed: " + ", ".join(failed))
    print(f"interop: {passed} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
