# Strings and bytes.
# ----
x = 'abc'.upper()
# ----
x = 'ABC'.lower()
# ----
x = 'a,b,,c'.split(',')
# ----
x = ' a  b '.split()
# ----
x = 'a b c d'.split(None,2)
# ----
x = 'a.b.c'.rsplit('.',1)
# ----
x = 'x'.join(['a','b'])
# ----
x = 'abc'[1]
# ----
x = 'abc'[-1]
# ----
x = 'abcdef'[1:4]
# ----
x = 'abcdef'[::-1]
# ----
x = 'abcdef'[::2]
# ----
x = 'abc'*3
# ----
x = 'a'+'b'
# ----
x = 'abc'.find('c')
# ----
x = 'abc'.find('z')
# ----
x = 'abcabc'.rfind('b')
# ----
x = 'abc'.index('b')
# ----
x = 'hello'.count('l')
# ----
x = 'abc'.replace('b','xx')
# ----
x = 'aaa'.replace('a','b',2)
# ----
x = 'abc'.startswith('ab')
# ----
x = 'abc'.endswith(('x','c'))
# ----
x = '  x '.strip()
# ----
x = 'xxaxx'.strip('x')
# ----
x = 'xxa'.lstrip('x')
# ----
x = 'axx'.rstrip('x')
# ----
x = 'abc'.center(9,'*')
# ----
x = 'abc'.ljust(5)+'|'
# ----
x = 'abc'.rjust(5)
# ----
x = '-42'.zfill(6)
# ----
x = 'a=b=c'.partition('=')
# ----
x = 'a=b=c'.rpartition('=')
# ----
x = 'hello world'.title()
# ----
x = 'hello'.capitalize()
# ----
x = 'aBc'.swapcase()
# ----
x = 'abc'.isalpha()
# ----
x = '123'.isdigit()
# ----
x = 'a1'.isalnum()
# ----
x = ' '.isspace()
# ----
x = 'abc'.isidentifier()
# ----
x = 'a\nb\nc'.splitlines()
# ----
x = 'a\nb'.splitlines(True)
# ----
x = 'prefix_x'.removeprefix('prefix_')
# ----
x = 'x.py'.removesuffix('.py')
# ----
x = '%s-%d-%05.2f' % ('a',3,2.5)
# ----
x = '%(a)s' % {'a':1}
# ----
x = '%r' % 'x'
# ----
x = '%x %X %o' % (255,255,8)
# ----
x = '%+d % d' % (3,4)
# ----
x = '%-5s|' % 'a'
# ----
x = '%5.1f' % 3.14159
# ----
x = '%e' % 12345.678
# ----
x = '%g' % 0.0001
# ----
x = '%%'%()
# ----
x = '%c' % 65
# ----
x = '{} {}'.format(1,2)
# ----
x = '{1} {0}'.format(1,2)
# ----
x = '{a}'.format(a=3)
# ----
x = '{0.real}'.format(5)
# ----
x = '{0[1]}'.format([1,2])
# ----
x = '{:>10}'.format('x')
# ----
x = '{:<5}|'.format('x')
# ----
x = '{:^7}'.format('x')
# ----
x = '{:*^7}'.format('x')
# ----
x = '{:05d}'.format(42)
# ----
x = '{:,}'.format(1234567)
# ----
x = '{:.3f}'.format(2.0)
# ----
x = '{:x}'.format(255)
# ----
x = '{:#x}'.format(255)
# ----
x = '{:b}'.format(5)
# ----
x = '{:e}'.format(1234.5)
# ----
x = '{:.2%}'.format(0.25)
# ----
x = '{:{w}}'.format('a',w=5)
# ----
x = '{!r}'.format('a')
# ----
x = '{{}}'.format()
# ----
x = f'{1+1}'
# ----
x = f'{"a":>3}'
# ----
x = f'{3.14159:.2f}'
# ----
x = f'{1=}'
# ----
x = f'{"x"!r}'
# ----
x = f'{[1,2]}'
# ----
x = f'{1000:,}'
# ----
x = f'{5:>{3+2}}'
# ----
x = 'a' < 'b'
# ----
x = 'abc' == 'abc'
# ----
x = 'b' in 'abc'
# ----
x = len('häß')
# ----
x = 'häß'.upper()
# ----
x = 'häß'[1]
# ----
x = ord('a')
# ----
x = chr(97)
# ----
x = repr('it\'s')
# ----
x = repr('a"b\'c')
# ----
x = repr('\n\t\\')
# ----
x = ascii('é')
# ----
x = 'a' 'b'
# ----
x = 'abc'.encode()
# ----
x = b'abc'.decode()
# ----
x = b'abc'[0]
# ----
x = b'abc'[1:]
# ----
x = b'a,b'.split(b',')
# ----
x = bytes([1,2])
# ----
x = bytes(3)
# ----
x = b'a'+b'b'
# ----
x = b'ab'.hex()
# ----
x = bytearray(b'ab')
# ----
x = 'abc'.translate({97:'x',98:None})
# ----
x = str.maketrans('ab','xy')
# ----
x = '\u00e9'
# ----
x = '\x41'
# ----
x = r'\n'
# ----
x = '''a
b'''
# ----
x = 'tab\there'.expandtabs()
# ----
x = sorted('cab')
# ----
x = list('abc')
# ----
x = tuple('ab')
# ----
x = set('a')
# ----
x = str(3)
# ----
x = str(None)
# ----
x = str([1,'a'])
# ----
x = str(1.0)
# ----
x = repr(b'\x00a')
# ----
x = 'a'.__add__('b')
# ----
x = 'Hello'.casefold()
# ----
x = 'abc'.__contains__('b')
# ----
x = '{:+}'.format(3)
# ----
x = '{:010.3f}'.format(-3.14159)
# ----
x = '{:_}'.format(10000)
# ----
x = '{:s}'.format('x')
# ----
x = '{:.2}'.format('abc')
# ----
x = format(3,'04')
# ----
x = format('x','>3')
