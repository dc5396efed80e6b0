BLOCK = "x" * 10**9
