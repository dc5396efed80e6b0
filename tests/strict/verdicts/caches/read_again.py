# What the standard library keeps to give it again.
import json, ipaddress, enum, reprlib, collections, logging
A = json.loads('{"a": [1, {"b": 2}]}')
N = ipaddress.ip_network("10.0.0.0/8")
M = ipaddress.ip_network("2001:db8::/32")
C = repr(collections.ChainMap({1: 2}))
