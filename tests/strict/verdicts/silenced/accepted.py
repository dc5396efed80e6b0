import tables

tables.HANDLERS["accepted"] = 1
tables.register("accepted", None)
tables.LAST.append("reported")
