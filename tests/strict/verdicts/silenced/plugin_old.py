import tables

tables.LAST.append("silenced by the name of the file")
print("reported")
