"""The real AWS CLI without its start-up: it is imported once, and each call is a fork of this process with the caller's arguments, environment, folder and
files. A caller that is killed takes its call along. Arguments: the socket, and the file of the client, which it writes when it listens."""
import functools
import json
import os
import signal
import socket
import struct
import sys
import threading
import traceback

import awscli.clidriver
import awscli.handlers  # noqa: F401
import botocore.client  # noqa: F401
import botocore.endpoint  # noqa: F401
import botocore.loaders
import botocore.parsers  # noqa: F401
import botocore.retryhandler  # noqa: F401

# the import of awscli sets it
DATA = os.environ["AWS_DATA_PATH"]
SERVICES = ("cloudformation", "cloudfront", "cloudwatch", "ecs", "elbv2", "lambda", "s3", "sts")
CLIENT = """#!{python} -IS
import json, os, socket, struct, sys
caller = socket.socket(socket.AF_UNIX)
caller.connect({socket!r})
umask = os.umask(0)
os.umask(umask)
request = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd(), umask]).encode()
socket.send_fds(caller, [struct.pack("!I", len(request))], [0, 1, 2])
caller.sendall(request)
code = caller.recv(1)
# nothing comes from a call that died
os._exit(code[0] if code else 255)
"""


def keep_models():
    """Reads the models of these services once for all calls: to find and read them is half of a call's CPU time."""
    read = functools.cache(botocore.loaders.JSONFileLoader().load_file)
    botocore.loaders.JSONFileLoader.load_file = lambda _, path: read(path)
    session = awscli.clidriver.create_clidriver().session
    models = session.get_component("data_loader")
    listed = functools.cache(models.list_available_services)
    botocore.loaders.Loader.list_available_services = lambda _, type_name: listed(type_name)
    for service in SERVICES:
        session.create_client(service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
        for kind in ("paginators-1", "waiters-2"):
            # not every service has them
            if service in listed(kind):
                models.load_service_model(service, kind)


def end_with(caller):
    """Waits in a thread: the caller sends no more, so this returns when it has ended."""
    caller.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)


def serve(caller):
    size, files, _, _ = socket.recv_fds(caller, 4, 3)
    request = b""
    while len(request) < struct.unpack("!I", size)[0]:
        request += caller.recv(65536)
    arguments, environment, folder, umask = json.loads(request)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment, AWS_DATA_PATH=DATA)
    os.chdir(folder)
    os.umask(umask)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    threading.Thread(target=end_with, args=(caller,), daemon=True).start()
    sys.argv = ["aws", *arguments]
    try:
        code = awscli.clidriver.main()
    except SystemExit as exit_:
        code = exit_.code
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            pass
    caller.sendall(bytes([(code or 0) & 255]))
    os._exit(0)


def main(address, client):
    keep_models()
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(64)
    # ended calls are not waited for
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with open(f"{client}.new", "w", opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
        file.write(CLIENT.format(python=sys.executable, socket=address))
    os.rename(f"{client}.new", client)
    while True:
        caller, _ = server.accept()
        if os.fork() == 0:
            server.close()
            try:
                serve(caller)
            except BaseException:
                # a fault of this program: the caller gets no code
                traceback.print_exc()
            os._exit(1)
        caller.close()


main(*sys.argv[1:])
