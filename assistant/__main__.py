"""``python -m assistant``: the command line."""

import signal


def run() -> int:
    """Run the command line; Ctrl-C while it is still being imported ends it without a word."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from assistant.cli import main
    from assistant.support import logs

    logs.catch_the_rest()
    return main()


if __name__ == "__main__":
    raise SystemExit(run())
