# Arithmetic of builtin numbers.
# ----
a = 0
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = 1
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = -1
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = 7
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = -7
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = 255
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = 2**40
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = -(2**70)
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = 10**20
try:
    x0_0 = a + (0)
except ZeroDivisionError as e:
    x0_0 = str(e)
try:
    x0_1 = a - (0)
except ZeroDivisionError as e:
    x0_1 = str(e)
try:
    x0_2 = a * (0)
except ZeroDivisionError as e:
    x0_2 = str(e)
try:
    x0_3 = a // (0)
except ZeroDivisionError as e:
    x0_3 = str(e)
try:
    x0_4 = a % (0)
except ZeroDivisionError as e:
    x0_4 = str(e)
try:
    x0_5 = a & (0)
except ZeroDivisionError as e:
    x0_5 = str(e)
try:
    x0_6 = a | (0)
except ZeroDivisionError as e:
    x0_6 = str(e)
try:
    x0_7 = a ^ (0)
except ZeroDivisionError as e:
    x0_7 = str(e)
try:
    x1_0 = a + (1)
except ZeroDivisionError as e:
    x1_0 = str(e)
try:
    x1_1 = a - (1)
except ZeroDivisionError as e:
    x1_1 = str(e)
try:
    x1_2 = a * (1)
except ZeroDivisionError as e:
    x1_2 = str(e)
try:
    x1_3 = a // (1)
except ZeroDivisionError as e:
    x1_3 = str(e)
try:
    x1_4 = a % (1)
except ZeroDivisionError as e:
    x1_4 = str(e)
try:
    x1_5 = a & (1)
except ZeroDivisionError as e:
    x1_5 = str(e)
try:
    x1_6 = a | (1)
except ZeroDivisionError as e:
    x1_6 = str(e)
try:
    x1_7 = a ^ (1)
except ZeroDivisionError as e:
    x1_7 = str(e)
try:
    x2_0 = a + (-1)
except ZeroDivisionError as e:
    x2_0 = str(e)
try:
    x2_1 = a - (-1)
except ZeroDivisionError as e:
    x2_1 = str(e)
try:
    x2_2 = a * (-1)
except ZeroDivisionError as e:
    x2_2 = str(e)
try:
    x2_3 = a // (-1)
except ZeroDivisionError as e:
    x2_3 = str(e)
try:
    x2_4 = a % (-1)
except ZeroDivisionError as e:
    x2_4 = str(e)
try:
    x2_5 = a & (-1)
except ZeroDivisionError as e:
    x2_5 = str(e)
try:
    x2_6 = a | (-1)
except ZeroDivisionError as e:
    x2_6 = str(e)
try:
    x2_7 = a ^ (-1)
except ZeroDivisionError as e:
    x2_7 = str(e)
try:
    x3_0 = a + (7)
except ZeroDivisionError as e:
    x3_0 = str(e)
try:
    x3_1 = a - (7)
except ZeroDivisionError as e:
    x3_1 = str(e)
try:
    x3_2 = a * (7)
except ZeroDivisionError as e:
    x3_2 = str(e)
try:
    x3_3 = a // (7)
except ZeroDivisionError as e:
    x3_3 = str(e)
try:
    x3_4 = a % (7)
except ZeroDivisionError as e:
    x3_4 = str(e)
try:
    x3_5 = a & (7)
except ZeroDivisionError as e:
    x3_5 = str(e)
try:
    x3_6 = a | (7)
except ZeroDivisionError as e:
    x3_6 = str(e)
try:
    x3_7 = a ^ (7)
except ZeroDivisionError as e:
    x3_7 = str(e)
try:
    x4_0 = a + (-7)
except ZeroDivisionError as e:
    x4_0 = str(e)
try:
    x4_1 = a - (-7)
except ZeroDivisionError as e:
    x4_1 = str(e)
try:
    x4_2 = a * (-7)
except ZeroDivisionError as e:
    x4_2 = str(e)
try:
    x4_3 = a // (-7)
except ZeroDivisionError as e:
    x4_3 = str(e)
try:
    x4_4 = a % (-7)
except ZeroDivisionError as e:
    x4_4 = str(e)
try:
    x4_5 = a & (-7)
except ZeroDivisionError as e:
    x4_5 = str(e)
try:
    x4_6 = a | (-7)
except ZeroDivisionError as e:
    x4_6 = str(e)
try:
    x4_7 = a ^ (-7)
except ZeroDivisionError as e:
    x4_7 = str(e)
try:
    x5_0 = a + (255)
except ZeroDivisionError as e:
    x5_0 = str(e)
try:
    x5_1 = a - (255)
except ZeroDivisionError as e:
    x5_1 = str(e)
try:
    x5_2 = a * (255)
except ZeroDivisionError as e:
    x5_2 = str(e)
try:
    x5_3 = a // (255)
except ZeroDivisionError as e:
    x5_3 = str(e)
try:
    x5_4 = a % (255)
except ZeroDivisionError as e:
    x5_4 = str(e)
try:
    x5_5 = a & (255)
except ZeroDivisionError as e:
    x5_5 = str(e)
try:
    x5_6 = a | (255)
except ZeroDivisionError as e:
    x5_6 = str(e)
try:
    x5_7 = a ^ (255)
except ZeroDivisionError as e:
    x5_7 = str(e)
try:
    x6_0 = a + (2**40)
except ZeroDivisionError as e:
    x6_0 = str(e)
try:
    x6_1 = a - (2**40)
except ZeroDivisionError as e:
    x6_1 = str(e)
try:
    x6_2 = a * (2**40)
except ZeroDivisionError as e:
    x6_2 = str(e)
try:
    x6_3 = a // (2**40)
except ZeroDivisionError as e:
    x6_3 = str(e)
try:
    x6_4 = a % (2**40)
except ZeroDivisionError as e:
    x6_4 = str(e)
try:
    x6_5 = a & (2**40)
except ZeroDivisionError as e:
    x6_5 = str(e)
try:
    x6_6 = a | (2**40)
except ZeroDivisionError as e:
    x6_6 = str(e)
try:
    x6_7 = a ^ (2**40)
except ZeroDivisionError as e:
    x6_7 = str(e)
try:
    x7_0 = a + (-(2**70))
except ZeroDivisionError as e:
    x7_0 = str(e)
try:
    x7_1 = a - (-(2**70))
except ZeroDivisionError as e:
    x7_1 = str(e)
try:
    x7_2 = a * (-(2**70))
except ZeroDivisionError as e:
    x7_2 = str(e)
try:
    x7_3 = a // (-(2**70))
except ZeroDivisionError as e:
    x7_3 = str(e)
try:
    x7_4 = a % (-(2**70))
except ZeroDivisionError as e:
    x7_4 = str(e)
try:
    x7_5 = a & (-(2**70))
except ZeroDivisionError as e:
    x7_5 = str(e)
try:
    x7_6 = a | (-(2**70))
except ZeroDivisionError as e:
    x7_6 = str(e)
try:
    x7_7 = a ^ (-(2**70))
except ZeroDivisionError as e:
    x7_7 = str(e)
try:
    x8_0 = a + (10**20)
except ZeroDivisionError as e:
    x8_0 = str(e)
try:
    x8_1 = a - (10**20)
except ZeroDivisionError as e:
    x8_1 = str(e)
try:
    x8_2 = a * (10**20)
except ZeroDivisionError as e:
    x8_2 = str(e)
try:
    x8_3 = a // (10**20)
except ZeroDivisionError as e:
    x8_3 = str(e)
try:
    x8_4 = a % (10**20)
except ZeroDivisionError as e:
    x8_4 = str(e)
try:
    x8_5 = a & (10**20)
except ZeroDivisionError as e:
    x8_5 = str(e)
try:
    x8_6 = a | (10**20)
except ZeroDivisionError as e:
    x8_6 = str(e)
try:
    x8_7 = a ^ (10**20)
except ZeroDivisionError as e:
    x8_7 = str(e)
# ----
a = 0.0
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
a = 1.5
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
a = -2.25
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
a = 1e300
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
a = 3
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
a = -4
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
a = 1e-5
try:
    x0_0 = a + (0.0)
except ZeroDivisionError as e:
    x0_0 = 'zero'
try:
    x0_1 = a - (0.0)
except ZeroDivisionError as e:
    x0_1 = 'zero'
try:
    x0_2 = a * (0.0)
except ZeroDivisionError as e:
    x0_2 = 'zero'
try:
    x0_3 = a / (0.0)
except ZeroDivisionError as e:
    x0_3 = 'zero'
try:
    x0_4 = a // (0.0)
except ZeroDivisionError as e:
    x0_4 = 'zero'
try:
    x0_5 = a % (0.0)
except ZeroDivisionError as e:
    x0_5 = 'zero'
try:
    x0_6 = a < (0.0)
except ZeroDivisionError as e:
    x0_6 = 'zero'
try:
    x0_7 = a == (0.0)
except ZeroDivisionError as e:
    x0_7 = 'zero'
try:
    x0_8 = a >= (0.0)
except ZeroDivisionError as e:
    x0_8 = 'zero'
try:
    x1_0 = a + (1.5)
except ZeroDivisionError as e:
    x1_0 = 'zero'
try:
    x1_1 = a - (1.5)
except ZeroDivisionError as e:
    x1_1 = 'zero'
try:
    x1_2 = a * (1.5)
except ZeroDivisionError as e:
    x1_2 = 'zero'
try:
    x1_3 = a / (1.5)
except ZeroDivisionError as e:
    x1_3 = 'zero'
try:
    x1_4 = a // (1.5)
except ZeroDivisionError as e:
    x1_4 = 'zero'
try:
    x1_5 = a % (1.5)
except ZeroDivisionError as e:
    x1_5 = 'zero'
try:
    x1_6 = a < (1.5)
except ZeroDivisionError as e:
    x1_6 = 'zero'
try:
    x1_7 = a == (1.5)
except ZeroDivisionError as e:
    x1_7 = 'zero'
try:
    x1_8 = a >= (1.5)
except ZeroDivisionError as e:
    x1_8 = 'zero'
try:
    x2_0 = a + (-2.25)
except ZeroDivisionError as e:
    x2_0 = 'zero'
try:
    x2_1 = a - (-2.25)
except ZeroDivisionError as e:
    x2_1 = 'zero'
try:
    x2_2 = a * (-2.25)
except ZeroDivisionError as e:
    x2_2 = 'zero'
try:
    x2_3 = a / (-2.25)
except ZeroDivisionError as e:
    x2_3 = 'zero'
try:
    x2_4 = a // (-2.25)
except ZeroDivisionError as e:
    x2_4 = 'zero'
try:
    x2_5 = a % (-2.25)
except ZeroDivisionError as e:
    x2_5 = 'zero'
try:
    x2_6 = a < (-2.25)
except ZeroDivisionError as e:
    x2_6 = 'zero'
try:
    x2_7 = a == (-2.25)
except ZeroDivisionError as e:
    x2_7 = 'zero'
try:
    x2_8 = a >= (-2.25)
except ZeroDivisionError as e:
    x2_8 = 'zero'
try:
    x3_0 = a + (1e300)
except ZeroDivisionError as e:
    x3_0 = 'zero'
try:
    x3_1 = a - (1e300)
except ZeroDivisionError as e:
    x3_1 = 'zero'
try:
    x3_2 = a * (1e300)
except ZeroDivisionError as e:
    x3_2 = 'zero'
try:
    x3_3 = a / (1e300)
except ZeroDivisionError as e:
    x3_3 = 'zero'
try:
    x3_4 = a // (1e300)
except ZeroDivisionError as e:
    x3_4 = 'zero'
try:
    x3_5 = a % (1e300)
except ZeroDivisionError as e:
    x3_5 = 'zero'
try:
    x3_6 = a < (1e300)
except ZeroDivisionError as e:
    x3_6 = 'zero'
try:
    x3_7 = a == (1e300)
except ZeroDivisionError as e:
    x3_7 = 'zero'
try:
    x3_8 = a >= (1e300)
except ZeroDivisionError as e:
    x3_8 = 'zero'
try:
    x4_0 = a + (3)
except ZeroDivisionError as e:
    x4_0 = 'zero'
try:
    x4_1 = a - (3)
except ZeroDivisionError as e:
    x4_1 = 'zero'
try:
    x4_2 = a * (3)
except ZeroDivisionError as e:
    x4_2 = 'zero'
try:
    x4_3 = a / (3)
except ZeroDivisionError as e:
    x4_3 = 'zero'
try:
    x4_4 = a // (3)
except ZeroDivisionError as e:
    x4_4 = 'zero'
try:
    x4_5 = a % (3)
except ZeroDivisionError as e:
    x4_5 = 'zero'
try:
    x4_6 = a < (3)
except ZeroDivisionError as e:
    x4_6 = 'zero'
try:
    x4_7 = a == (3)
except ZeroDivisionError as e:
    x4_7 = 'zero'
try:
    x4_8 = a >= (3)
except ZeroDivisionError as e:
    x4_8 = 'zero'
try:
    x5_0 = a + (-4)
except ZeroDivisionError as e:
    x5_0 = 'zero'
try:
    x5_1 = a - (-4)
except ZeroDivisionError as e:
    x5_1 = 'zero'
try:
    x5_2 = a * (-4)
except ZeroDivisionError as e:
    x5_2 = 'zero'
try:
    x5_3 = a / (-4)
except ZeroDivisionError as e:
    x5_3 = 'zero'
try:
    x5_4 = a // (-4)
except ZeroDivisionError as e:
    x5_4 = 'zero'
try:
    x5_5 = a % (-4)
except ZeroDivisionError as e:
    x5_5 = 'zero'
try:
    x5_6 = a < (-4)
except ZeroDivisionError as e:
    x5_6 = 'zero'
try:
    x5_7 = a == (-4)
except ZeroDivisionError as e:
    x5_7 = 'zero'
try:
    x5_8 = a >= (-4)
except ZeroDivisionError as e:
    x5_8 = 'zero'
try:
    x6_0 = a + (1e-5)
except ZeroDivisionError as e:
    x6_0 = 'zero'
try:
    x6_1 = a - (1e-5)
except ZeroDivisionError as e:
    x6_1 = 'zero'
try:
    x6_2 = a * (1e-5)
except ZeroDivisionError as e:
    x6_2 = 'zero'
try:
    x6_3 = a / (1e-5)
except ZeroDivisionError as e:
    x6_3 = 'zero'
try:
    x6_4 = a // (1e-5)
except ZeroDivisionError as e:
    x6_4 = 'zero'
try:
    x6_5 = a % (1e-5)
except ZeroDivisionError as e:
    x6_5 = 'zero'
try:
    x6_6 = a < (1e-5)
except ZeroDivisionError as e:
    x6_6 = 'zero'
try:
    x6_7 = a == (1e-5)
except ZeroDivisionError as e:
    x6_7 = 'zero'
try:
    x6_8 = a >= (1e-5)
except ZeroDivisionError as e:
    x6_8 = 'zero'
# ----
x = 2**10
# ----
x = (-2)**3
# ----
x = 2**-2
# ----
x = 7**0
# ----
x = 2.0**0.5
# ----
x = (-8)**2
# ----
x = 0**0
# ----
x = 1<<70
# ----
x = -1>>3
# ----
x = ~5
# ----
x = -(-3)
# ----
x = +True
# ----
x = True+True
# ----
x = 5 .real
# ----
x = (3).bit_length()
# ----
x = divmod(-7,2)
# ----
x = divmod(7.5,2)
# ----
x = abs(-3)
# ----
x = round(2.5)
# ----
x = round(3.5)
# ----
x = round(2.675,2)
# ----
x = round(-1.5)
# ----
x = round(1234,-2)
# ----
x = int('0x1f',16)
# ----
x = int('  12 ')
# ----
x = int(-3.9)
# ----
x = float('1e3')
# ----
x = float('inf')
# ----
x = complex(1,2)*1j
# ----
x = 3+4j
# ----
x = abs(3+4j)
# ----
x = hex(255)
# ----
x = oct(8)
# ----
x = bin(-5)
# ----
x = 1_000_000
# ----
x = 0xff
# ----
x = 0b101
# ----
x = 1e16
# ----
x = 1e15
# ----
x = 1.0
# ----
x = 123456789.123
# ----
x = 1e-7
# ----
x = 0.1+0.2
# ----
x = 10/2
# ----
x = 7//2.0
# ----
x = pow(3,4,5)
# ----
x = max(3,1,2)
# ----
x = min([4,2,8])
# ----
x = sum([1,2,3])
# ----
x = sum([[1],[2]],[])
# ----
x = 5 if 3 > 2 else 6
# ----
x = 1 < 2 < 3
# ----
x = 1 < 3 < 2
# ----
x = not 0
# ----
x = [] or 'x'
# ----
x = 0 and 1
# ----
x = bool('')
# ----
x = (1).__add__(2)
# ----
x = int.__mul__(3,4)
# ----
x = True & False
# ----
x = True | 2
# ----
x = True == 1
# ----
x = hash(5)
# ----
x = float(3)
# ----
x = isinstance(True,int)
# ----
x = (2).__pow__(5)
# ----
x = (10**30).bit_length()
# ----
x = int.from_bytes(b'\x01\x02','big')
# ----
x = (258).to_bytes(2,'little')
# ----
x = 1.5.is_integer()
# ----
x = (0.5).as_integer_ratio()
