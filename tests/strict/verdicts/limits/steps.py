PRIMES = [n for n in range(2, 200_000) if all(n % d for d in range(2, n))]
