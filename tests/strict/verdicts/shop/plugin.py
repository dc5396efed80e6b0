from registry import handler


@handler("buy")
def buy(item):
    return item
