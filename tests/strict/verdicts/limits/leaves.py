raise SystemExit("this is a script")
