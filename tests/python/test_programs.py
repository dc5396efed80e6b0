"""Small versions of well-known benchmark programs, run to a checksum: many features working together."""
from check import compiled, fresh, matrix, once, outcome, run, say, show


# -- an operating-system scheduler in the manner of Richards

IDLE, WORKER, HANDLER_A, HANDLER_B, DEV_A, DEV_B = range(6)
K_DEV, K_WORK = 1000, 1001


class Packet:
    def __init__(self, link, ident, kind):
        self.link, self.ident, self.kind, self.datum, self.data = link, ident, kind, 0, [0] * 4
    def append_to(self, lst):
        self.link = None
        if lst is None:
            return self
        p = lst
        while p.link is not None:
            p = p.link
        p.link = self
        return lst


class TaskState:
    def __init__(self): self.pending, self.waiting, self.holding = True, False, False
    def running(self): self.pending = self.waiting = self.holding = False; return self
    def wait_packet(self): self.pending = True; self.waiting = True; self.holding = False; return self
    def is_waiting_with_packet(self): return self.pending and self.waiting and not self.holding
    def held_or_waiting(self): return self.holding or (not self.pending and self.waiting)


class Task(TaskState):
    def __init__(self, world, ident, priority, work, state, record):
        self.link, self.ident, self.priority, self.input, self.record = world.tasks, ident, priority, work, record
        self.pending, self.waiting, self.holding = state
        world.tasks = self
        world.table[ident] = self
        self.world = world
    def fn(self, pkt, rec): raise NotImplementedError
    def add_packet(self, p, old):
        if self.input is None:
            self.input = p
            self.pending = True
            if self.priority > old.priority:
                return self
        else:
            p.append_to(self.input)
        return old
    def run_task(self):
        if self.is_waiting_with_packet():
            msg = self.input
            self.input = msg.link
            if self.input is None:
                self.running()
            else:
                self.pending, self.waiting, self.holding = True, False, False
        else:
            msg = None
        return self.fn(msg, self.record)
    def wait_task(self): self.waiting = True; return self
    def hold(self): self.world.holds += 1; self.holding = True; return self.link
    def release(self, i):
        t = self.find(i)
        t.holding = False
        return t if t.priority > self.priority else self
    def qpkt(self, pkt):
        t = self.find(pkt.ident)
        self.world.packets += 1
        pkt.link = None
        pkt.ident = self.ident
        return t.add_packet(pkt, self)
    def find(self, i):
        t = self.world.table[i]
        if t is None:
            raise RuntimeError(f"bad task {i}")
        return t


class Device(Task):
    def fn(self, pkt, r):
        if pkt is None:
            pkt = r.get("pending")
            if pkt is None:
                return self.wait_task()
            r["pending"] = None
            return self.qpkt(pkt)
        r["pending"] = pkt
        return self.hold()


class Handler(Task):
    def fn(self, pkt, r):
        if pkt is not None:
            key = "work" if pkt.kind == K_WORK else "dev"
            r[key] = pkt.append_to(r[key])
        work = r["work"]
        if work is None:
            return self.wait_task()
        count = work.datum
        if count >= 4:
            r["work"] = work.link
            return self.qpkt(work)
        dev = r["dev"]
        if dev is None:
            return self.wait_task()
        r["dev"] = dev.link
        dev.datum = work.data[count]
        work.datum = count + 1
        return self.qpkt(dev)


class Idle(Task):
    def fn(self, pkt, r):
        r["count"] -= 1
        if r["count"] == 0:
            return self.hold()
        if r["control"] & 1 == 0:
            r["control"] //= 2
            return self.release(DEV_A)
        r["control"] = r["control"] // 2 ^ 0xD008
        return self.release(DEV_B)


class Worker(Task):
    def fn(self, pkt, r):
        if pkt is None:
            return self.wait_task()
        dest = HANDLER_B if r["dest"] == HANDLER_A else HANDLER_A
        r["dest"] = dest
        pkt.ident = dest
        pkt.datum = 0
        for i in range(4):
            r["count"] += 1
            if r["count"] > 26:
                r["count"] = 1
            pkt.data[i] = 65 + r["count"] - 1
        return self.qpkt(pkt)


class World:
    def __init__(self): self.tasks, self.table, self.holds, self.packets = None, [None] * 10, 0, 0


def richards(n):
    w = World()
    Idle(w, IDLE, 1, None, (False, False, False), {"control": 1, "count": n})
    wk = Packet(None, 0, K_WORK)
    wk = Packet(wk, 0, K_WORK)
    Worker(w, WORKER, 1000, wk, (True, True, False), {"dest": HANDLER_A, "count": 0})
    for h, d, pri in ((HANDLER_A, DEV_A, 2000), (HANDLER_B, DEV_B, 3000)):
        wk = None
        for _ in range(3):
            wk = Packet(wk, d, K_DEV)
        Handler(w, h, pri, wk, (True, True, False), {"work": None, "dev": None})
    for d, pri in ((DEV_A, 4000), (DEV_B, 5000)):
        Device(w, d, pri, None, (False, True, False), {"pending": None})
    t = w.tasks
    steps = 0
    while t is not None and steps < 20000:
        steps += 1
        if t.held_or_waiting():
            t = t.link
        else:
            t = t.run_task()
    return w.holds, w.packets, steps


def test_richards():
    run(richards, 30)
    run(richards, 100)
    for f in (richards, Task.run_task, Task.qpkt, Task.find, Device.fn, Handler.fn, TaskState.held_or_waiting):
        compiled(f)


# -- a chain of constraints in the manner of DeltaBlue


class Variable:
    def __init__(self, v): self.value, self.constraints, self.stay, self.strength = v, [], True, 6


class Constraint:
    strength = 4
    def __init__(self, *vs):
        self.vs = vs
        for v in vs:
            v.constraints.append(self)
    def execute(self): raise NotImplementedError
    def outputs(self): return self.vs[-1:]


class Equal(Constraint):
    def execute(self): self.vs[1].value = self.vs[0].value


class Scale(Constraint):
    strength = 2
    def __init__(self, a, b, factor, offset):
        self.factor, self.offset = factor, offset
        super().__init__(a, b)
    def execute(self): self.vs[1].value = self.vs[0].value * self.factor + self.offset


def propagate(v, depth=0):
    todo, n = [c for c in v.constraints if c.vs[0] is v], 0
    while todo:
        c = todo.pop()
        c.execute()
        n += c.strength
        for o in c.outputs():
            todo.extend(k for k in o.constraints if k.vs[0] is o)
    return n


def delta(n, start):
    vs = [Variable(0) for _ in range(n)]
    for i in range(n - 1):
        (Equal(vs[i], vs[i + 1]) if i % 2 else Scale(vs[i], vs[i + 1], 3, i))
    vs[0].value = start
    return propagate(vs[0]), vs[-1].value


def test_delta():
    matrix(delta, [(6, 1), (6, 0.5), (30, 1), (90, 1), (3, "s"), (1, 0)])
    compiled(propagate)


# -- ray tracing


class V:
    __slots__ = ("x", "y", "z")
    def __init__(self, x, y, z): self.x, self.y, self.z = x, y, z
    def __add__(self, o): return V(self.x + o.x, self.y + o.y, self.z + o.z)
    def __sub__(self, o): return V(self.x - o.x, self.y - o.y, self.z - o.z)
    def __mul__(self, k): return V(self.x * k, self.y * k, self.z * k)
    def dot(self, o): return self.x * o.x + self.y * o.y + self.z * o.z
    def unit(self): return self * (1.0 / self.dot(self) ** 0.5)


class Sphere:
    def __init__(self, c, r): self.c, self.r = c, r
    def hit(self, o, d):
        l = self.c - o
        b = l.dot(d)
        disc = b * b - l.dot(l) + self.r * self.r
        if disc < 0:
            return None
        t = b - disc ** 0.5
        return t if t > 0 else None


class Plane:
    def __init__(self, y): self.y = y
    def hit(self, o, d): return (self.y - o.y) / d.y if d.y < -1e-9 else None


def trace(n):
    scene = [Sphere(V(0, 0, 5), 1), Sphere(V(1.5, 0.5, 4), 0.5), Plane(-1)]
    rows = []
    for j in range(n):
        row = ""
        for i in range(n):
            d = V((i - n / 2) / n, (n / 2 - j) / n, 1).unit()
            best, which = None, " "
            for k, s in enumerate(scene):
                t = s.hit(V(0, 0, 0), d)
                if t is not None and (best is None or t < best):
                    best, which = t, "ox."[k]
            row += which
        rows.append(row)
    return "\n".join(rows)


def test_trace():
    run(trace, 10)
    for f in (trace, V.__init__, V.dot, V.unit, Sphere.hit):
        compiled(f)


# -- game of Go board with union-find, hexiom-like search, n-queens, sudoku


class Group:
    def __init__(self, i): self.parent, self.size, self.libs = self, 1, {i}
    def find(self):
        r = self
        while r.parent is not r:
            r.parent = r.parent.parent
            r = r.parent
        return r
    def union(self, o):
        a, b = self.find(), o.find()
        if a is b:
            return a
        if a.size < b.size:
            a, b = b, a
        b.parent = a
        a.size += b.size
        a.libs |= b.libs
        return a


def groups(n):
    g = [Group(i) for i in range(n)]
    for i in range(n):
        if i % 3:
            g[i].union(g[i - 1])
        if i % 7 == 0:
            g[i].union(g[i // 2])
    return len({id(x.find()) for x in g}), max(x.find().size for x in g), sorted(g[0].find().libs)[:5]


def sudoku(grid):
    for i in range(16):
        if grid[i] == 0:
            r, c = divmod(i, 4)
            for v in range(1, 5):
                if all(grid[r * 4 + k] != v and grid[k * 4 + c] != v for k in range(4)):
                    grid[i] = v
                    if sudoku(grid):
                        return grid
            grid[i] = 0
            return None
    return grid


def queens(n):
    def put(row, cols, d1, d2):
        if row == n:
            return 1
        total = 0
        for c in range(n):
            if c not in cols and row + c not in d1 and row - c not in d2:
                total += put(row + 1, cols | {c}, d1 | {row + c}, d2 | {row - c})
        return total
    return put(0, frozenset(), frozenset(), frozenset())


def brainfuck(src, limit=3000):
    jumps, stack = {}, []
    for i, c in enumerate(src):
        if c == "[":
            stack.append(i)
        elif c == "]":
            j = stack.pop()
            jumps[i], jumps[j] = j, i
    tape, p, pc, out = [0] * 30, 0, 0, []
    while pc < len(src) and limit:
        limit -= 1
        c = src[pc]
        if c == ">": p += 1
        elif c == "<": p -= 1
        elif c == "+": tape[p] = tape[p] + 1 & 255
        elif c == "-": tape[p] = tape[p] - 1 & 255
        elif c == ".": out.append(chr(tape[p]))
        elif c == "[" and not tape[p]: pc = jumps[pc]
        elif c == "]" and tape[p]: pc = jumps[pc]
        pc += 1
    return "".join(out), tape[:4], limit


class Lexer:
    def __init__(self, s): self.s, self.i = s, 0
    def __iter__(self): return self
    def __next__(self):
        while self.i < len(self.s) and self.s[self.i] == " ":
            self.i += 1
        if self.i >= len(self.s):
            raise StopIteration
        c = self.s[self.i]
        if c.isdigit():
            j = self.i
            while self.i < len(self.s) and (self.s[self.i].isdigit() or self.s[self.i] == "."):
                self.i += 1
            t = self.s[j:self.i]
            return ("num", float(t) if "." in t else int(t))
        self.i += 1
        return ("op", c)


def calc(s):
    tokens = list(Lexer(s))
    pos = 0
    def peek(): return tokens[pos][1] if pos < len(tokens) and tokens[pos][0] == "op" else None
    def atom():
        nonlocal pos
        if pos >= len(tokens):
            raise SyntaxError("end")
        kind, v = tokens[pos]
        pos += 1
        if kind == "num":
            return v
        if v == "(":
            r = expr(0)
            if peek() != ")":
                raise SyntaxError("paren")
            pos += 1
            return r
        if v == "-":
            return -atom()
        raise SyntaxError(v)
    def expr(level):
        nonlocal pos
        if level == 2:
            return atom()
        left = expr(level + 1)
        while (op := peek()) and op in ("+-", "*/")[level]:
            pos += 1
            right = expr(level + 1)
            left = left + right if op == "+" else left - right if op == "-" else left * right if op == "*" else left / right
        return left
    r = expr(0)
    if pos != len(tokens):
        raise SyntaxError("trailing")
    return r


def test_others():
    run(groups, 40)
    for _ in range(25):
        r = sudoku([1, 0, 0, 0, 0, 0, 3, 0, 0, 4, 0, 0, 0, 0, 0, 2])
    show(r)
    run(queens, 5)
    run(brainfuck, "++++++++[>++++++++<-]>+.+.+.")
    run(brainfuck, "+[]")
    run(brainfuck, "]")
    for s in ("1 + 2 * 3", "(1 + 2) * -3 / 4", "2 * (3", "1.5 * 2", "9999999999 * 9999999999", "1 / 0", "1 + )", ""):
        run(calc, s)
    for f in (groups, sudoku, queens, brainfuck, Group.find, Lexer.__next__):
        compiled(f)


def life_hash(n):
    alive = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
    for _ in range(n):
        counts = {}
        for x, y in alive:
            for dx in (-1, 0, 1):
                for dy in (-1, 0, 1):
                    if dx or dy:
                        k = (x + dx, y + dy)
                        counts[k] = counts.get(k, 0) + 1
        alive = {k for k, c in counts.items() if c == 3 or c == 2 and k in alive}
    return sorted(alive)


def lz(text):
    table, w, out = {chr(i): i for i in range(128)}, "", []
    for c in text:
        if w + c in table:
            w += c
        else:
            out.append(table[w])
            table[w + c] = len(table)
            w = c
    out.append(table[w])
    inverse = {v: k for k, v in list(table.items())[:128]}
    prev = inverse[out[0]]
    back = [prev]
    for code in out[1:]:
        entry = inverse[code] if code in inverse else prev + prev[0]
        back.append(entry)
        inverse[len(inverse)] = prev + entry[0]
        prev = entry
    return out, "".join(back) == text


def huffman(text):
    import heapq
    freq = {}
    for c in text:
        freq[c] = freq.get(c, 0) + 1
    heap = [(n, c, None) for c, n in freq.items()]
    heapq.heapify(heap)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (a[0] + b[0], min(a[1], b[1]), (a, b)))
    codes = {}
    def walk(node, prefix):
        n, c, kids = node
        if kids is None:
            codes[c] = prefix or "0"
        else:
            for i, k in enumerate(kids):
                walk(k, prefix + str(i))
    walk(heap[0], "")
    return sorted(codes.items()), sum(len(codes[c]) for c in text)


def pi_digits(n):
    q, r, t, k, m, x, out = 1, 0, 1, 1, 3, 3, ""
    while len(out) < n:
        if 4 * q + r - t < m * t:
            out += str(m)
            q, r, m = 10 * q, 10 * (r - m * t), (10 * (3 * q + r)) // t - 10 * m
        else:
            q, r, t, k, m, x = q * k, (2 * q + r) * x, t * x, k + 1, (q * (7 * k + 2) + r * x) // (t * x), x + 2
    return out


def test_data():
    run(life_hash, 8)
    run(lz, "abababcabcabcab")
    run(lz, "")
    run(huffman, "mississippi")
    run(huffman, "")
    run(pi_digits, 40)
    for f in (life_hash, huffman, pi_digits):
        compiled(f)
