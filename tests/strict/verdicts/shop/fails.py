TABLE = {"a": 1}
VALUE = TABLE["b"]
