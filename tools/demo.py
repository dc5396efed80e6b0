"""`./x demo`: a few real programs, plain and under Ember, and what was compiled; then a web site under load.

usage: ./x demo [PROGRAM…]      these programs only
       ./x demo site [OPTIONS]  the web site only; `./x demo site --help` says what there is
       ./x demo [--serve]       both; --serve leaves the site running, to look at
"""

import sys

import programs
import site_load as site


def show_stats(outcomes):
    """What Ember says about itself, over all programs: sums, and the extremes of what cannot be added."""
    stats = [outcome.stats for _, outcome in outcomes if outcome.stats]
    print("\nWhat was compiled, by program:\n")
    keys = []
    for figures in stats:
        keys += [key for key, value in figures.items() if isinstance(value, (int, float)) and key not in keys]
    keys = [key for key in keys if any(figures.get(key) for figures in stats)][:9]
    if not keys:
        print("  nothing")
        return
    width = max(len(name) for name, _ in outcomes)
    print("  " + "program".ljust(width) + "".join(f"  {key.replace('_', ' ')}" for key in keys))
    for name, outcome in outcomes:
        if outcome.stats:
            cells = (outcome.stats.get(key, 0) for key in keys)
            shown = (f"{cell:.2f}" if isinstance(cell, float) else f"{cell:,}" for cell in cells)
            print("  " + name.ljust(width) + "".join(f"  {cell:>{len(key)}}" for cell, key in zip(shown, keys)))


def main(words):
    if words[:1] == ["site"]:
        return site.main(words[1:])
    if any(word in ("-h", "--help") for word in words):
        print(__doc__.strip())
        return 0
    flags = [word for word in words if word.startswith("--")]
    names = [word for word in words if word not in flags]
    wrong = show_programs(names or programs.DEMO)
    if not names:
        print("\nA web site with eight workers, plain and under Ember:\n", flush=True)
        wrong |= site.main(flags)
    return wrong


def show_programs(names):
    """The programs, plain and under Ember."""
    print("Fetching the programs …", file=sys.stderr)
    programs.fetch()
    print(f"{'program':<18}{'plain, s':>12}{'Ember, s':>12}{'faster':>9}   same output")
    ratios, outcomes, wrong, memory = [], [], 0, []
    for program in names:
        plain = programs.run(program, programs.plain(), 0.5, 1.0)
        ember = programs.run(program, programs.ember(), 1.5, 1.0)
        if plain.error or ember.error:
            print(f"{program:<18}  {'plain: ' + plain.error if plain.error else 'Ember: ' + ember.error}")
            wrong += not plain.error
            continue
        same = plain.output == ember.output
        wrong += not same
        for name, seconds in plain.seconds.items():
            ratio = seconds / ember.seconds[name]
            ratios.append(ratio)
            print(f"{name:<18}{seconds:>12.6f}{ember.seconds[name]:>12.6f}{ratio:>8.2f}x   {'yes' if same else 'NO'}", flush=True)
        outcomes.append((program, ember))
        memory.append(ember.rss - plain.rss)
    print(f"{'geometric mean':<42}{programs.geometric_mean(ratios):>8.2f}x")
    show_stats(outcomes)
    if memory:
        print(f"\nMemory added at the peak: {min(memory) / 1024:.1f} to {max(memory) / 1024:.1f} MB a process")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
