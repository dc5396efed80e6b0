print("silenced by the folder")
