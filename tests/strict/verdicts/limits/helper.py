def need(table, key):
    return table[key]
