# ember: ignore-file[EMB112]
import tables

print("not reported")
tables.LAST.append("reported")
