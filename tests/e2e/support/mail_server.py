"""A mail server for the tests: aiosmtpd with STARTTLS or TLS, a login and a maildir.

Prints the port it listens on. Two addresses are special: one it refuses, one whose mails it never
gets round to. It ends with its standard input."""

import argparse
import asyncio
import mailbox
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, maildir):
        self.box = mailbox.Maildir(maildir)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return f"550 5.1.1 <{address}> is nobody here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("stalled@"):
            await asyncio.sleep(3600)
        message = mailbox.MaildirMessage(envelope.content)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        message["X-Envelope-From"] = envelope.mail_from
        message["X-Secure"] = str(server.transport.get_extra_info("sslcontext") is not None)
        message["X-Login"] = str(session.authenticated)
        self.box.add(message)
        return "250 2.0.0 OK"


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--security", choices=["starttls", "tls", "none"], required=True)
    parser.add_argument("--maildir", required=True)
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--only-login", action="store_true", help="offers AUTH LOGIN, not PLAIN")
    options = parser.parse_args()

    context = None
    if options.security != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.cert, options.key)

    def authenticate(server, session, envelope, mechanism, data):
        right = (options.user.encode(), options.password.encode()) == (data.login, data.password)
        return AuthResult(success=right, handled=False)

    handler = Handler(options.maildir)

    def connection():
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=context if options.security == "starttls" else None,
            require_starttls=options.security == "starttls",
            authenticator=authenticate,
            auth_required=options.user is not None,
            auth_require_tls=options.security == "starttls",
            auth_exclude_mechanism=["PLAIN"] if options.only_login else [],
        )

    implicit = context if options.security == "tls" else None
    server = await asyncio.get_running_loop().create_server(
        connection, "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
