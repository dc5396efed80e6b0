async def settings():
    return {"debug": False}


COROUTINE = settings()
try:
    COROUTINE.send(None)
except StopIteration as stop:
    SETTINGS = stop.value
