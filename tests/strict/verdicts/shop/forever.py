COUNT = 0
while True:
    COUNT += 1
