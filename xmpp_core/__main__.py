"""`python -m xmpp_core` is `xmpp-core`."""

from __future__ import annotations

import sys

from .cli.main import main

sys.exit(main())
