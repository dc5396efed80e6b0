"""What tests of `ember.prefork` name by module and function."""

import os


def warm():
    os.environ["WARMED"] = "yes"


def listed(number):
    return number * 2 + 1
