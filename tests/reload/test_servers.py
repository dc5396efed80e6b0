"""Real processes under `python -m ember dev`: scripts, Flask, uvicorn, Django's runserver."""

import pathlib
import subprocess
import sys
import textwrap
import time

from servers import Server, edit, free_port, write


def put(**files):
    for name, text in files.items():
        write(name.replace("__", "/") + ".py", textwrap.dedent(text).lstrip("\n"))


def test_script_in_a_loop():
    put(
        script="import time\nimport part\nwhile True:\n    print(part.word(), flush=True)\n    time.sleep(0.05)\n",
        part="print('loading', flush=True)\ndef word():\n    return 'one'\n",
    )
    with Server("script.py") as server:
        server.said("^one$")
        edit("part.py", "'one'", "'two'")
        server.said("^two$")
        edit("part.py", "'two'", "'two' +")
        server.said("part.py:3: SyntaxError")
        server.said("return 'two' \\+")
        server.said("^two$", server.count("^two$") + 3)
        edit("part.py", "'two' +", "'three'")
        server.said("^three$")
        assert server.count("^loading$") == 1
        # The loop itself cannot be changed while it runs.
        edit("script.py", "part.word()", "part.word() * 2")
        server.said("restarting: script.py:3: the script is still running this statement|restarting: script.py:[45]: the script is still")
        server.said("^threethree$")
        assert server.count("^loading$") == 2


def test_script_that_ends_and_one_that_fails():
    put(script="print('done', 1, flush=True)\n")
    with Server("script.py") as server:
        server.said("the program has ended;")
        write("script.py", "raise SystemExit(3)\n")
        server.said("has ended with code 3")
        write("script.py", "print('done', 2)\n")
        server.said("^done 2$")


def test_function_that_does_not_return():
    put(script="import time\ndef main():\n    while True:\n        print('old', flush=True)\n        time.sleep(0.1)\nif __name__ == '__main__':\n    main()\n")
    with Server("script.py") as server:
        server.said("^old$")
        edit("script.py", "'old'", "'new'")
        # On a busy machine the script is saved before anybody has looked at it; then that is the reason.
        server.said("restarting: script.py:(2: main has been running since before|1: the script was saved while it was starting)")
        server.said("^new$")


def test_program_that_enables_it_by_itself():
    put(
        script="import ember, time, part\nember.reload.enable()\nwhile True:\n    print(part.VALUE, flush=True)\n    time.sleep(0.05)\n",
        part="VALUE = 1\n",
    )
    command = [sys.executable, "script.py"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "1\n"
        edit("part.py", "1", "2")
        wait_line(child, "2\n")
        edit("script.py", "part.VALUE,", "'again', part.VALUE,")
        wait_line(child, "again 2\n")
    finally:
        child.kill()
        child.wait()


def wait_line(child, wanted):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if child.stdout.readline() == wanted:
            return
    raise AssertionError(wanted)


FLASK = """
import os
from flask import Flask
from helper import greeting
app = Flask(__name__)
STATE = {"hits": 0}
@app.route("/")
def index():
    STATE["hits"] += 1
    return f"{greeting()} {STATE['hits']} {os.getpid()}"
"""


def flask_story(server):
    first = server.wait("/", "hello 1").split()
    edit("helper.py", "hello", "bonjour")
    assert server.wait("/", "bonjour").split()[2] == first[2]
    write("app.py", pathlib.Path("app.py").read_text() + '\n@app.route("/new/<int:n>")\ndef new(n):\n    return f"new {n + 1}"\n')
    server.wait("/new/4", "new 5")
    edit("app.py", "def new(n):\n", "def new(n, more=10):\n")
    edit("app.py", "{n + 1}", "{n + more}")
    server.wait("/new/4", "new 14")
    answer = server.wait("/", "bonjour").split()
    assert answer[2] == first[2] and int(answer[1]) >= 3, (first, answer)
    edit("app.py", "return f\"{greeting()}", "return f\"{greeting()")
    server.said("SyntaxError")
    assert server.get("/").split()[2] == first[2]
    edit("app.py", "return f\"{greeting()", "return f\"{greeting()}")
    edit("app.py", '@app.route("/new/<int:n>")', '@app.route("/newer/<int:n>")')
    server.wait("/newer/4", "new 14")
    assert server.count("restarting: app.py") == 1
    assert server.get("/").split()[2] != first[2]


def test_flask_run():
    put(app=FLASK, helper='def greeting():\n    return "hello"\n')
    port = free_port()
    with Server("-m", "flask", "run", "--debug", "--port", str(port), port=port, variables={"FLASK_APP": "app"}) as server:
        flask_story(server)


def test_flask_app_run():
    port = free_port()
    run = f'\nif __name__ == "__main__":\n    app.run(debug=True, port={port})\n'
    put(app=FLASK, helper='def greeting():\n    return "hello"\n', main=f"from app import app{run}")
    with Server("main.py", port=port) as server:
        flask_story(server)


def test_uvicorn():
    put(
        app="""
        import os
        from views import answer
        OPENED = []
        async def app(scope, receive, send):
            if scope["type"] != "http":
                return
            OPENED.append(1)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": f"{await answer()} {os.getpid()} {len(OPENED)}".encode()})
        """,
        views="WORD = 'one'\nasync def answer():\n    return WORD\n",
    )
    port = free_port()
    with Server("-m", "uvicorn", "app:app", "--reload", "--port", str(port), port=port) as server:
        first = server.wait("/", "one").split()
        edit("views.py", "'one'", "'two'")
        assert server.wait("/", "two").split()[1] == first[1]
        edit("views.py", "return WORD", "return WORD + '!'")
        answer = server.wait("/", "two!").split()
        assert answer[1] == first[1] and int(answer[2]) >= 3
        edit("app.py", "import os\n", "import os\nos.environ['X'] = '1'\n")
        server.said("restarting: app.py|reloaded app.py")
        server.wait("/", "two!")


def test_checkout_of_many_files():
    put(script="import time, part\nwhile True:\n    print(part.total(), flush=True)\n    time.sleep(0.02)\n")
    names = [f"m{number}" for number in range(40)]
    for name in names:
        put(**{name: "V = 1\ndef f():\n    return V\n"})
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    pathlib.Path("part.py").write_text(
        "\n".join(f"import {n}" for n in names) + f"\nMODULES = [{', '.join(names)}]\ndef total():\n    return sorted({{m.f() for m in MODULES}})\n"
    )
    subprocess.run([*git, "init"], **quiet)
    subprocess.run([*git, "add", "."], **quiet)
    subprocess.run([*git, "commit", "-m", "one"], **quiet)
    subprocess.run([*git, "checkout", "-b", "other"], **quiet)
    for number, name in enumerate(names):
        put(**{name: "V = 2\ndef f():\n    return V\n" if number % 2 else "def f():\n    return 2\n"})
    subprocess.run([*git, "commit", "-am", "two"], **quiet)
    subprocess.run([*git, "checkout", "-"], **quiet)
    with Server("script.py") as server:
        server.said(r"^\[1\]$")
        time.sleep(1)
        subprocess.run([*git, "checkout", "other"], **quiet)
        server.said(r"^\[2\]$")
        server.said("reloaded .* 37 more")
        assert server.count("ember: reloaded") == 1
        assert not server.count(r"^\[1, 2\]$")
        subprocess.run([*git, "checkout", "-"], **quiet)
        server.said(r"^\[1\]$", server.count(r"^\[1\]$") + 1)

