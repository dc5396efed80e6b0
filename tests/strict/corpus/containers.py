# Lists, tuples, dicts, sets, ranges, comprehensions.
# ----
x = [1,2]+[3]
# ----
x = [0]*3
# ----
x = [1,2,3][1:]
# ----
x = [1,2,3][::-1]
# ----
x = [1,[2,3]][1][0]
# ----
x = (1,2)+(3,)
# ----
x = ()
# ----
x = (1,)
# ----
x = (1,2)*2
# ----
x = (1,2)<(1,3)
# ----
x = [1,2]==[1,2]
# ----
x = {1,2}&{2,3}
# ----
x = {1,2}-{2}
# ----
x = {1}|{2}
# ----
x = {1,2}^{2,3}
# ----
x = {1}<={1,2}
# ----
x = {1,2}>{1}
# ----
x = {1}.isdisjoint({2})
# ----
x = frozenset([1])
# ----
x = {'a':1}|{'b':2}
# ----
x = {'a':1}['a']
# ----
x = {'a':1}.get('b')
# ----
x = {'a':1}.get('b',3)
# ----
x = list({'a':1,'b':2})
# ----
x = list({'a':1}.items())
# ----
x = list({'a':1}.values())
# ----
x = {1:2,3:4}.keys() & {1}
# ----
x = dict([('a',1)])
# ----
x = dict(a=1,b=2)
# ----
x = dict({'a':1},b=2)
# ----
x = dict.fromkeys('ab',0)
# ----
x = {**{'a':1},'b':2}
# ----
x = [*range(3),*'ab']
# ----
x = {*[1,1]}
# ----
x = (*[1],2)
# ----
x = len({1:2})
# ----
x = 1 in {1:2}
# ----
x = 2 not in [1]
# ----
x = [1,2,3].index(2)
# ----
x = [1,2,2].count(2)
# ----
x = (1,2).index(2)
# ----
x = list(range(5))
# ----
x = list(range(2,8,3))
# ----
x = list(range(5,0,-2))
# ----
x = range(10)[3]
# ----
x = range(10)[2:5]
# ----
x = len(range(0,10,3))
# ----
x = 5 in range(10)
# ----
x = range(3)==range(0,3)
# ----
x = list(reversed([1,2]))
# ----
x = list(enumerate('ab'))
# ----
x = list(enumerate('ab',5))
# ----
x = list(zip([1,2],'ab'))
# ----
x = list(map(str,[1,2]))
# ----
x = list(map(lambda a,b:a+b,[1,2],[3,4]))
# ----
x = list(filter(None,[0,1,2]))
# ----
x = list(filter(lambda v:v>1,[1,2,3]))
# ----
x = sorted([3,1,2],reverse=True)
# ----
x = sorted(['b','A'],key=str.lower)
# ----
x = any([0,1])
# ----
x = all([1,0])
# ----
x = all([])
# ----
x = any([])
# ----
x = max([1,5,3])
# ----
x = max('a','c','b')
# ----
x = max([],default=7)
# ----
x = min([1,2],key=lambda v:-v)
# ----
x = [x*x for x in range(4)]
# ----
x = [x for x in range(10) if x%3==0]
# ----
x = [(a,b) for a in range(2) for b in 'xy']
# ----
x = {x:x*2 for x in range(3)}
# ----
x = {x%2 for x in range(1)}
# ----
x = [[j for j in range(i)] for i in range(3)]
# ----
x = list(x+1 for x in [1,2])
# ----
x = sum(x for x in range(5))
# ----
x = tuple(x for x in 'ab')
# ----
x = [y:=5, y+1]
# ----
x = [a if a else -1 for a in [0,1]]
# ----
x = next(iter([5]))
# ----
x = next(iter([]),'d')
# ----
x = list(iter([1,2]))
# ----
x = slice(1,2)
# ----
x = slice(None,None,-1).indices(5)
# ----
x = [1,2,3,4][slice(1,3)]
# ----
x = list(dict(a=1))
# ----
x = {}=={}
# ----
x = {1:'a'}=={1:'a'}
# ----
x = [[]]*2
# ----
x = type([])
# ----
x = type({}).__name__
# ----
x = isinstance([],(list,tuple))
# ----
x = [1,'a',None,2.5,True]
# ----
x = {'k':[1,{'n':()}]}
# ----
x = str({1:{2:3}})
# ----
x = list('abc'[i] for i in range(3))
# ----
x = [i for i in reversed(range(3))]
# ----
x = list(zip(*[[1,2],[3,4]]))
# ----
x = dict(zip('ab',[1,2]))
# ----
x = list({3:1}.keys())
# ----
x = {True:1,1:2}
# ----
x = {1.0:'a',1:'b'}
# ----
x = hash((1,2))==hash((1,2))
# ----
x = [1,2,3].__len__()
# ----
x = [].__class__
# ----
x = (1,2,3)[-2:]
# ----
x = [[1,2],[3]][0][-1]
# ----
a = [1, 2, 3]
a.append(4); a.extend([5]); a.insert(0, 0); b = a.pop(); a.remove(2); a.reverse()
c = a.copy(); c.sort(); del a[0]; a[0] = 9; a[1:2] = [7, 7]; a += [1]; a *= 2
# ----
d = {}
d['x'] = 1; d.update(y=2); d.setdefault('z', 3); d.setdefault('x', 9)
p = d.pop('y'); q = d.pop('nope', None); del d['x']; d |= {'w': 4}; i = d.popitem()
# ----
s = {1, 2}
s.add(3); s.discard(9); s.remove(1); s |= {5}; s &= {3, 5}
n = sorted(s); s.clear(); e = len(s)
# ----
a, b = 1, 2
a, b = b, a
(c, d), e = (1, 2), 3
f, *g = [1, 2, 3]
*h, i = 'abc'
j, *k, l = range(5)
[m, n] = (1, 2)
o = p = []
o.append(1)
# ----
x = [1, 2, 3, 4, 5, 6]
x[::2] = [0, 0, 0]
del x[1::2]
# ----
x = []
for i in range(3):
    for j in range(3):
        if j == 2: break
        if i == 1: continue
        x.append((i, j))
    else:
        x.append('never')
else:
    x.append('end')
# ----
n = 0
while True:
    n += 1
    if n > 5: break
else:
    n = -1
m = 3
while m:
    m -= 1
else:
    done = True
