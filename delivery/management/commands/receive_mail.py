"""Take one mail from standard input, as a mail server pipes it: ``|manage.py receive_mail --to ADDRESS``."""

import sys

from django.core.management.base import BaseCommand
from django.db import Error

from delivery.mail.receiving import MAX_MAIL, TooLarge, receive

# What mail servers understand (sysexits.h): they bounce, or try again later.
NO_USER, DATA_ERROR, TRY_LATER = 67, 65, 75


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--to", default="", help="the address it was delivered to; by default those in its headers")

    def handle(self, *, to, **options):
        raw = sys.stdin.buffer.read(MAX_MAIL + 1)
        try:
            kept = receive(raw, to=to)
        except TooLarge as error:
            self.stderr.write(str(error))
            sys.exit(DATA_ERROR)
        except Error as error:
            self.stderr.write(f"It can't be stored now: {error}")
            sys.exit(TRY_LATER)
        if not kept:
            self.stderr.write("No product has this address.")
            sys.exit(NO_USER)
        self.stdout.write(f"Kept for {', '.join(mail.product.code for mail in kept)}.")
