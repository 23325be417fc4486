"""Runs the registered tests and counts them."""

import sys
import time
import traceback

from . import documents, harness
from . import contract, deploy, failures, image, network, observability, pods, render, secrets, values  # noqa: F401 - they register tests


def main(arguments):
    if "--write" in arguments:
        documents.write()
        arguments = [argument for argument in arguments if argument != "--write"]
    passed, failures, not_run = 0, [], []
    for function in harness.TESTS:
        name = function.__name__
        if arguments and not any(word in name for word in arguments):
            continue
        began = time.monotonic()
        try:
            function()
        except harness.NotRun as reason:
            not_run.append((name, reason))
            print(f"not run: {name}: {reason}")
        except Exception as error:  # one broken test must not hide the others
            where = traceback.extract_tb(error.__traceback__)[-1]
            failures.append(f"FAILED  {name}: {type(error).__name__}: {error} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno})")
            print(failures[-1])
        else:
            passed += 1
            print(f"ok      {name} ({time.monotonic() - began:.1f} s)")
        sys.stdout.flush()
    harness.clean()
    if not_run:
        print(f"{len(not_run)} not run on this machine: " + ", ".join(name for name, _ in not_run))
    # Once more: who sees only the end of a build server's output is to know what failed.
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not passed else 0


sys.exit(main(sys.argv[1:]))
