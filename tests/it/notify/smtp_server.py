"""A mail server that speaks SMTP and does what the recipient's name says: take, refuse, put off, stall, cut.

It prints its port, then each mail that it took as one line of JSON. `--tls CERT KEY` wants STARTTLS, `--login`
a name and a password first.
"""

import asyncio
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self):
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "nobody":
            return "550 5.1.1 <%s>: no such mailbox" % address
        if name.startswith("later") and name not in self.put_off:
            self.put_off.add(name)
            return "451 4.7.1 greylisted, come back"
        if name == "full":
            return "452 4.2.2 mailbox full"
        if name == "cut":
            server.transport.close()
            return "421 gone"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("stall"):
            await asyncio.sleep(3600)
        mail = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None}
        mail["login"] = bool(session.authenticated)
        mail["data"] = envelope.content.decode("utf-8", "replace")
        print(json.dumps(mail), flush=True)
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"muster" and data.password == b"a password of length"
    return AuthResult(success=right, handled=False, auth_data=data if right else None)


async def main(args):
    tls = None
    if "--tls" in args:
        at = args.index("--tls")
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(args[at + 1], args[at + 2])
    login = "--login" in args
    handler = Handler()

    def protocol():
        return SMTP(
            handler,
            hostname="mail.example",
            tls_context=tls,
            require_starttls=tls is not None,
            authenticator=authenticate if login else None,
            auth_required=login,
            auth_require_tls=False,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# That a login without TLS is no good idea is not news here.
logging.disable(logging.WARNING)
asyncio.run(main(sys.argv[1:]))
