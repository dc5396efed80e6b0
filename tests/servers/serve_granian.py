"""A master of Granian's workers: `serve_granian.py INTERFACE TARGET PORT WORKERS`."""

import sys

import ember.granian

if __name__ == "__main__":
    interface, target, port, workers = sys.argv[1:]
    ember.granian.serve(
        target, interface=interface, address="127.0.0.1", port=int(port), workers=int(workers), respawn_failed_workers=True, respawn_interval=0.2
    )
