import __strict__ as s
